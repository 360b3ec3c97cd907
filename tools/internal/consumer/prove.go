package consumer

import (
	"archive/zip"
	"context"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/module"

	"github.com/go-desync/go-desync/tools/internal/workspace"
)

// A Subject is a module to be proved, with what its consumers should get.
type Subject struct {
	Version   module.Version
	Siblings  []module.Version // the modules of ours that it may bring along
	Libraries []string         // directories of packages to import
	Commands  []string         // directories of programs
}

// A Use is what a consumer of a module got.
type Use struct {
	Modules  []string // the module list, without the consumer itself
	Examples int      // how many Examples ran
	Commands int      // how many programs were built and asked for help
}

// Prove shows that a module of the proxy works by itself. In the empty
// directory dir it vets the module as released, and runs its tests if tests is
// true. Then it makes a consumer that requires only this module. The consumer
// imports all packages that can be imported, runs the Examples and builds the
// programs. Last, Prove verifies the modules, whose list must be what the
// subject says. The error says which step failed. Prove waits for the go
// command, which ctx can end.
func (p *Proxy) Prove(ctx context.Context, dir string, s Subject, tests bool) (Use, error) {
	alone := p.Vet
	if tests {
		alone = p.TestAlone
	}
	if err := alone(ctx, dir, s.Version); err != nil {
		return Use{}, fmt.Errorf("%s outside the workspace: %w", s.Version, err)
	}
	own, err := p.GoCommand(ctx, unpacked(dir), "-mod=readonly")
	if err != nil {
		return Use{}, err
	}
	list, err := own.Run(ctx, "list", "-m", "-e", "all")
	if err != nil {
		return Use{}, err
	}

	cmd, modules, err := p.get(ctx, dir, s.Version, importing(s))
	if err != nil {
		return Use{}, fmt.Errorf("a consumer of %s: %w", s.Version, err)
	}
	use := Use{Modules: modules[1:], Commands: len(s.Commands)}
	required, err := p.Siblings(s.Version)
	if err != nil {
		return use, err
	}
	if err := s.judge(use.Modules, strings.Fields(list), required); err != nil {
		return use, err
	}
	if use.Examples, err = p.examples(ctx, cmd, s); err != nil {
		return use, fmt.Errorf("the Examples of %s, run by a consumer: %w", s.Version, err)
	}
	if err := s.build(ctx, cmd, filepath.Join(dir, "program")); err != nil {
		return use, fmt.Errorf("a program of %s, built by a consumer: %w", s.Version, err)
	}
	return use, nil
}

// importing returns a program that imports the subject's packages.
func importing(s Subject) string {
	var b strings.Builder
	b.WriteString("package main\n\n")
	for _, dir := range s.Libraries {
		fmt.Fprintf(&b, "import _ %q\n", path.Join(s.Version.Path, dir))
	}
	b.WriteString("\nfunc main() {}\n")
	return b.String()
}

// judge compares a consumer's modules with what the subject says, and with the
// versions in the subject's own module list. It must have those that the subject
// requires, but not all that these require in turn: it may use none of their packages.
func (s Subject) judge(modules, own []string, required []module.Version) error {
	want := listed(s.Version, s.Siblings)
	for _, m := range modules {
		modulePath, _, _ := strings.Cut(m, " ")
		ours := strings.HasPrefix(modulePath, workspace.Prefix+"/")
		if ours && !slices.Contains(want, m) || !ours && !slices.Contains(own, modulePath) {
			return fmt.Errorf("a consumer of %s also gets %s; want only %s and what its go.mod leads to",
				s.Version, m, strings.Join(want, ", "))
		}
	}
	for _, m := range listed(s.Version, required) {
		if !slices.Contains(modules, m) {
			return fmt.Errorf("a consumer of %s does not get %s, but %s", s.Version, m, strings.Join(modules, ", "))
		}
	}
	return nil
}

// listed returns versions as go list -m prints them.
func listed(first module.Version, others []module.Version) []string {
	lines := []string{first.Path + " " + first.Version}
	for _, m := range others {
		lines = append(lines, m.Path+" "+m.Version)
	}
	return lines
}

// examples copies the files of the published module whose names begin with
// example into the consumer's module, and runs them there without the other
// test files.
func (p *Proxy) examples(ctx context.Context, cmd workspace.Go, s Subject) (ran int, err error) {
	if len(s.Libraries) == 0 {
		return 0, nil
	}
	archive, err := p.archive(s.Version)
	if err != nil {
		return 0, err
	}
	r, err := zip.OpenReader(archive)
	if err != nil {
		return 0, err
	}
	defer r.Close()
	for _, f := range r.File {
		name := strings.TrimPrefix(f.Name, s.Version.String()+"/")
		base := path.Base(name)
		if !slices.Contains(s.Libraries, path.Dir(name)) || !strings.HasPrefix(base, "example") || !strings.HasSuffix(base, "_test.go") {
			continue
		}
		data, err := p.read(s.Version, name)
		if err != nil {
			return 0, err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, data, parser.PackageClauseOnly)
		if err != nil {
			return 0, err
		}
		if !strings.HasSuffix(parsed.Name.Name, "_test") {
			continue // no consumer can be inside the package
		}
		to := filepath.Join(cmd.Dir, "examples", filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
			return 0, err
		}
		if err := os.WriteFile(to, data, 0o666); err != nil {
			return 0, err
		}
	}
	if _, err := os.Stat(filepath.Join(cmd.Dir, "examples")); err != nil {
		return 0, fmt.Errorf("no file example*_test.go of a package *_test in %s", strings.Join(s.Libraries, ", "))
	}
	// This also compiles the program that imports all packages.
	output, err := cmd.Run(ctx, "test", "-v", "-timeout=3m", "-run=^Example", "./...")
	if err != nil {
		return 0, err
	}
	if ran = strings.Count(output, "--- PASS: Example"); ran == 0 {
		return 0, fmt.Errorf("none ran:\n%s", output)
	}
	return ran, nil
}

// build builds the programs in the consumer's module and asks each for help.
func (s Subject) build(ctx context.Context, cmd workspace.Go, program string) error {
	for _, command := range s.Commands {
		if _, err := cmd.Run(ctx, "build", "-o", program, path.Join(s.Version.Path, command)); err != nil {
			return err
		}
		if output, err := exec.CommandContext(ctx, program, "--help").CombinedOutput(); err != nil {
			return fmt.Errorf("%s --help: %w\n%s", command, err, output)
		}
	}
	return nil
}
