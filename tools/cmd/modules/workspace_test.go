package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-desync/go-desync/tools/internal/cli"
	"github.com/go-desync/go-desync/tools/internal/release"
	"github.com/go-desync/go-desync/tools/internal/workspace"
)

const prefix = workspace.Prefix

// files are a small workspace of three modules: futures, desync that requires
// it, and the nested adapters/nats that requires both.
func files() map[string]string {
	files := map[string]string{
		"go.work": "go 1.27\n\nuse (\n\t./adapters/nats\n\t./desync\n\t./futures\n)\n\nreplace (\n" +
			"\t" + prefix + "/desync v0.1.0 => ./desync\n\t" + prefix + "/futures v0.1.0 => ./futures\n)\n",
		"LICENSE": "the licence\n",
		"futures/futures.go": "// Package futures is a sample.\npackage futures\n\n// One is one.\nfunc One() int { return 1 }\n\n" +
			"type Box[T any] struct{ V T }\n\nfunc (b Box[T]) Map[R any](f func(T) R) R { return f(b.V) }\n",
		"desync/desync.go": "// Package desync is a sample.\npackage desync\n\nimport \"" + prefix + "/futures\"\n\n" +
			"// Two is two.\nfunc Two() int { return futures.One() + 1 }\n",
		"adapters/nats/nats.go": "// Package nats is a sample.\npackage nats\n\nimport \"" + prefix + "/desync\"\n\n" +
			"// Three is three.\nfunc Three() int { return desync.Two() + 1 }\n",
	}
	for dir, m := range map[string]struct{ name, call, requires string }{
		"futures":       {"futures", "One()", ""},
		"desync":        {"desync", "Two()", "\nrequire " + prefix + "/futures v0.1.0\n"},
		"adapters/nats": {"nats", "Three()", "\nrequire (\n\t" + prefix + "/desync v0.1.0\n\t" + prefix + "/futures v0.1.0 // indirect\n)\n"},
	} {
		files[dir+"/go.mod"] = "module " + prefix + "/" + dir + "\n\ngo 1.27\n" + m.requires
		files[dir+"/LICENSE"] = files["LICENSE"]
		files[dir+"/README.md"] = "# " + dir + "\n"
		files[dir+"/CHANGELOG.md"] = "# Changelog\n\n## Unreleased\n\n### Added\n\n- All of it.\n"
		files[dir+"/example_test.go"] = fmt.Sprintf("package %s_test\n\nimport (\n\t\"fmt\"\n\n\t%q\n)\n\n"+
			"func Example() {\n\tfmt.Println(%s.%s > 0)\n\t// Output: true\n}\n", m.name, prefix+"/"+dir, m.name, m.call)
	}
	return files
}

// A repo is a git repository of a test.
type repo struct {
	t   *testing.T
	dir string
}

// newRepo commits the small workspace.
func newRepo(t *testing.T) *repo {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed: modules are released with it")
	}
	r := &repo{t: t, dir: t.TempDir()}
	for name, text := range files() {
		r.write(name, text)
	}
	r.git("init", "--quiet", "--template=", "--initial-branch=main")
	r.commit("begin")
	return r
}

func (r *repo) copy(t *testing.T) *repo {
	t.Helper()
	c := &repo{t: t, dir: filepath.Join(t.TempDir(), "copy")}
	if err := os.CopyFS(c.dir, os.DirFS(r.dir)); err != nil {
		t.Fatal(err)
	}
	return c
}

func (r *repo) git(args ...string) string {
	r.t.Helper()
	out, err := exec.CommandContext(r.t.Context(), "git", append([]string{"-C", r.dir}, args...)...).CombinedOutput()
	if err != nil {
		r.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func (r *repo) commit(message string) {
	r.t.Helper()
	r.git("add", ".")
	r.git("commit", "--quiet", "-m", message)
}

func (r *repo) write(name, text string) {
	r.t.Helper()
	name = filepath.Join(r.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		r.t.Fatal(err)
	}
}

func (r *repo) read(name string) string {
	r.t.Helper()
	data, err := os.ReadFile(filepath.Join(r.dir, filepath.FromSlash(name)))
	if err != nil {
		r.t.Fatal(err)
	}
	return string(data)
}

func (r *repo) replace(name, old, text string) {
	r.t.Helper()
	before := r.read(name)
	if !strings.Contains(before, old) {
		r.t.Fatalf("%s does not hold %q:\n%s", name, old, before)
	}
	r.write(name, strings.Replace(before, old, text, 1))
}

// change edits a source file and says so in the changelog of its module.
func (r *repo) change(dir, file, old, text string) {
	r.t.Helper()
	r.replace(dir+"/"+file, old, text)
	r.replace(dir+"/CHANGELOG.md", "## Unreleased\n", "## Unreleased\n\n### Changed\n\n- Something.\n")
}

func (r *repo) tag(versions ...string) {
	r.t.Helper()
	for _, v := range versions {
		r.git("tag", v)
	}
}

// released puts the repository where a first release of all has brought it.
func (r *repo) released() {
	r.t.Helper()
	r.prepared()
	r.commit("release")
	r.tag("futures/v0.1.0", "desync/v0.1.0", "adapters/nats/v0.1.0")
}

// prepared writes a release into the tree without proving it first.
func (r *repo) prepared(requests ...string) {
	r.t.Helper()
	opened, err := release.OpenRepo(r.t.Context(), r.dir)
	if err != nil {
		r.t.Fatal(err)
	}
	state, err := release.Read(r.t.Context(), opened)
	if err != nil {
		r.t.Fatal(err)
	}
	scratch := r.t.TempDir()
	plan, err := state.Plan(r.t.Context(), requests, scratch)
	if err != nil {
		r.t.Fatal(err)
	}
	c, err := state.Prepare(r.t.Context(), plan, time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC), scratch)
	if err != nil || len(c.Faults) > 0 {
		r.t.Fatal(err, c)
	}
	if err := c.Apply(); err != nil {
		r.t.Fatal(err)
	}
}

// modules runs the command in the repository.
func (r *repo) modules(args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = run(r.t.Context(), append([]string{"--root", r.dir}, args...), &out, &errs)
	return code, out.String(), errs.String()
}

// want runs the command and compares its exit code and what it prints.
func (r *repo) want(code int, text []string, args ...string) {
	r.t.Helper()
	got, stdout, stderr := r.modules(args...)
	if got != code {
		r.t.Fatalf("modules %s: exit code %d, want %d\nstdout:\n%s\nstderr:\n%s", strings.Join(args, " "), got, code, stdout, stderr)
	}
	output := stdout
	if code == cli.Usage {
		if output = stderr; stdout != "" {
			r.t.Errorf("modules %s: wrong usage printed results:\n%s", strings.Join(args, " "), stdout)
		}
	}
	for _, w := range text {
		if !strings.Contains(output, w) {
			r.t.Errorf("modules %s: the output lacks %q:\n%s", strings.Join(args, " "), w, output)
		}
	}
}

// unchanged runs f and reports what it has changed in the tree, the commits,
// the branches or the tags.
func (r *repo) unchanged(f func()) {
	r.t.Helper()
	before := r.snapshot()
	f()
	after := r.snapshot()
	for name := range maps.Keys(before) {
		if after[name] != before[name] {
			r.t.Errorf("%s was changed to\n%s", name, after[name])
		}
	}
	for name := range maps.Keys(after) {
		if _, ok := before[name]; !ok {
			r.t.Errorf("%s was made", name)
		}
	}
}

func (r *repo) snapshot() map[string]string {
	r.t.Helper()
	s := make(map[string]string)
	if _, err := os.Stat(filepath.Join(r.dir, ".git", "index")); err == nil {
		s["what git tracks"] = r.git("ls-files", "--stage")
	}
	err := filepath.WalkDir(r.dir, func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "index" { // which git refreshes when it looks at files
			return err
		}
		data, err := os.ReadFile(name)
		s[name] = string(data)
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

func (r *repo) wantTags(want ...string) {
	r.t.Helper()
	got := strings.Fields(r.git("tag"))
	slices.Sort(want)
	if !slices.Equal(got, want) {
		r.t.Errorf("tags %v, want %v", got, want)
	}
}
