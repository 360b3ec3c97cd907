package readme

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"golang.org/x/mod/modfile"

	"github.com/go-desync/go-desync/tools/internal/workspace"
)

// Check runs the programs in every README.md and CONTRIBUTING.md of the
// workspace at root, and in the pages below docs, and returns their faults. It
// makes a module in the empty directory scratch. It fetches only the modules that
// the workspace is built of, and asks no checksum database. It waits for all
// programs, and kills a program that runs for more than a minute, or when ctx
// ends.
func Check(ctx context.Context, root, scratch string) ([]workspace.Fault, error) {
	files, err := find(os.DirFS(root))
	if err != nil {
		return nil, err
	}
	var blocks []Block
	var faults []workspace.Fault
	for _, file := range files {
		source, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
		if err != nil {
			return nil, err
		}
		b, f := Extract(file, source)
		blocks, faults = append(blocks, b...), append(faults, f...)
	}
	if len(blocks) == 0 {
		return faults, nil
	}
	if err := writeModule(root, scratch, blocks); err != nil {
		return nil, err
	}
	broken, err := build(ctx, scratch, blocks)
	if err != nil || len(broken) > 0 {
		return append(faults, broken...), err
	}
	return append(faults, runAll(ctx, scratch, blocks, time.Minute)...), nil
}

// find returns the files that can hold programs, in lexical order.
func find(fsys fs.FS) (files []string, err error) {
	err = fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "node_modules"):
			return fs.SkipDir
		case d.IsDir():
		case d.Name() == "README.md", d.Name() == "CONTRIBUTING.md", strings.HasPrefix(name, "docs/") && path.Ext(name) == ".md":
			files = append(files, name)
		}
		return nil
	})
	return files, err
}

// writeModule writes each program into a directory of its own in one module, and
// makes a workspace of that module and those of the tree. So the programs are
// built with the same modules as the workspace, whose hashes are known.
func writeModule(root, scratch string, blocks []Block) error {
	data, err := os.ReadFile(filepath.Join(root, "go.work"))
	if err != nil {
		return err
	}
	work, err := modfile.ParseWork("go.work", data, nil)
	if err != nil {
		return err
	}
	below := func(dir string) string {
		if dir = filepath.FromSlash(dir); !filepath.IsAbs(dir) {
			dir = filepath.Join(root, dir)
		}
		return dir
	}
	for _, u := range slices.Clone(work.Use) {
		dir := u.Path // which DropUse clears
		if err := errors.Join(work.DropUse(dir), work.AddUse(below(dir), "")); err != nil {
			return err
		}
	}
	for _, r := range slices.Clone(work.Replace) {
		if r.New.Version == "" {
			if err := work.AddReplace(r.Old.Path, r.Old.Version, below(r.New.Path), ""); err != nil {
				return err
			}
		}
	}
	if err := work.AddUse(".", ""); err != nil {
		return err
	}
	work.Cleanup()
	files := map[string][]byte{"go.work": modfile.Format(work.Syntax), "go.mod": []byte("module readme.example\n\ngo 1.27\n")}
	switch files["go.work.sum"], err = os.ReadFile(filepath.Join(root, "go.work.sum")); {
	case errors.Is(err, fs.ErrNotExist):
		delete(files, "go.work.sum")
	case err != nil:
		return err
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(scratch, name), data, 0o666); err != nil {
			return err
		}
	}
	for i, b := range blocks {
		dir := filepath.Join(scratch, name(i))
		if err := os.Mkdir(dir, 0o777); err != nil {
			return err
		}
		// The line directive makes the compiler, vet and stack traces speak of
		// the Markdown file.
		source := fmt.Sprintf("//line %s:%d\n%s", b.File, b.Line, b.Source)
		file := "main.go"
		if b.Test {
			file = "main_test.go"
		}
		if err := os.WriteFile(filepath.Join(dir, file), []byte(source), 0o666); err != nil {
			return err
		}
	}
	return nil
}

func name(i int) string { return "block" + strconv.Itoa(i) }

// position matches a place in a block as the go command writes it: a relative
// file name in a line directive is relative to the directory of the source file.
var position = regexp.MustCompile(`^(?:vet: )?(?:\S*/)?block\d+/(\S+\.md):(\d+)(?::\d+)?: (.*)$`)

// build vets and builds all programs, and returns their faults.
func build(ctx context.Context, scratch string, blocks []Block) ([]workspace.Fault, error) {
	cmd := workspace.Go{Dir: scratch, Env: []string{
		"GOWORK=" + filepath.Join(scratch, "go.work"), "GOFLAGS=" + os.Getenv("GOFLAGS") + " -mod=readonly", "GOSUMDB=off",
	}}
	bin := filepath.Join(scratch, "bin") + string(filepath.Separator)
	var programs, tests []string
	for i, b := range blocks {
		if b.Test {
			tests = append(tests, "./"+name(i))
		} else {
			programs = append(programs, "./"+name(i))
		}
	}
	_, err := cmd.Run(ctx, "vet", "./...")
	if err == nil && len(programs) > 0 {
		_, err = cmd.Run(ctx, append([]string{"build", "-o", bin}, programs...)...)
	}
	if err == nil && len(tests) > 0 {
		_, err = cmd.Run(ctx, append([]string{"test", "-c", "-o", bin}, tests...)...)
	}
	if err == nil {
		return nil, nil
	}
	var faults []workspace.Fault
	for text := range strings.Lines(err.Error()) {
		if m := position.FindStringSubmatch(strings.TrimSpace(text)); m != nil {
			line, _ := strconv.Atoi(m[2]) // the pattern has digits only
			faults = append(faults, workspace.Fault{File: m[1], Line: line, Problem: m[3], Fix: "correct the program"})
		}
	}
	if len(faults) == 0 {
		return nil, err
	}
	// The go command vets packages side by side.
	slices.SortFunc(faults, func(a, b workspace.Fault) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line)
	})
	return faults, nil
}

// runAll runs the built programs side by side and returns their faults in the
// order of the blocks.
func runAll(ctx context.Context, scratch string, blocks []Block, limit time.Duration) []workspace.Fault {
	problems := make([]string, len(blocks))
	var running sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i, b := range blocks {
		if !b.Run {
			continue
		}
		running.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			program := filepath.Join(scratch, "bin", name(i))
			if b.Test {
				program += ".test"
			}
			problems[i] = run(ctx, program, b.Output, limit)
		})
	}
	running.Wait()
	var faults []workspace.Fault
	for i, b := range blocks {
		if problems[i] != "" {
			faults = append(faults, workspace.Fault{
				File: b.File, Line: b.Line, Problem: problems[i], Fix: "correct the program or the text block that follows it",
			})
		}
	}
	return faults
}

// run runs one program and returns its problem, or "" if it ends well and its
// output is as expected.
func run(ctx context.Context, program, want string, limit time.Duration) (problem string) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, program)
	cmd.WaitDelay = time.Second
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return fmt.Sprintf("the program was still running after %v: %v\n%s", limit, context.Cause(ctx), stdout.String())
	case errors.As(err, &exit):
		return fmt.Sprintf("the program failed: %v\n%s%s", err, &stdout, &stderr)
	case err != nil:
		return "the program did not start: " + err.Error()
	}
	// Lines, so that the difference is shown by line.
	got := slices.Collect(strings.Lines(stdout.String()))
	if diff := gocmp.Diff(slices.Collect(strings.Lines(want)), got); diff != "" {
		return "the program wrote something else (-stated +written):\n" + diff
	}
	return ""
}
