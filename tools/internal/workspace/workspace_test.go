package workspace

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// sound is a small workspace without a fault. Each case breaks one thing.
func sound() map[string]string {
	files := map[string]string{
		"go.work": `go 1.27

use (
	./adapters
	./adapters/nats
	./conformance
	./conformance/subjects
	./desync
	./futures
	./tools
)

replace (
	github.com/go-desync/go-desync/adapters v0.1.0 => ./adapters
	github.com/go-desync/go-desync/conformance v0.1.0 => ./conformance
	github.com/go-desync/go-desync/desync v0.1.0 => ./desync
	github.com/go-desync/go-desync/futures v0.1.0 => ./futures
)
`,
		"LICENSE":                        "the licence\n",
		"futures/future.go":              "package futures\n",
		"desync/desync.go":               importing("desync", Prefix+"/futures"),
		"adapters/pipe/pipe.go":          importing("pipe", Prefix+"/desync", Prefix+"/futures", "golang.org/x/sync/errgroup"),
		"adapters/nats/nats.go":          importing("nats", Prefix+"/adapters/pipe", Prefix+"/desync"),
		"conformance/suite.go":           importing("conformance", "go.uber.org/goleak"),
		"conformance/suite_test.go":      importing("conformance", "github.com/stretchr/testify/require"),
		"conformance/subjects/desync.go": importing("subjects", Prefix+"/conformance", Prefix+"/desync"),
		"tools/cmd/demo/main.go":         importing("main", Prefix+"/desync"),
		"tools/testdata/broken.go":       "this is no Go",
	}
	for dir, requires := range map[string]string{
		"futures":              "",
		"desync":               "require " + Prefix + "/futures v0.1.0\n",
		"adapters":             "require (\n\t" + Prefix + "/desync v0.1.0\n\t" + Prefix + "/futures v0.1.0\n\tgolang.org/x/sync v0.20.0\n)\n",
		"adapters/nats":        "require (\n\t" + Prefix + "/adapters v0.1.0\n\t" + Prefix + "/desync v0.1.0\n)\n",
		"conformance":          "require (\n\tgithub.com/stretchr/testify v1.11.1\n\tgo.uber.org/goleak v1.3.0\n)\n",
		"conformance/subjects": "require (\n\t" + Prefix + "/conformance v0.1.0\n\t" + Prefix + "/desync v0.1.0\n\t" + Prefix + "/futures v0.1.0 // indirect\n)\n",
		"tools":                "require " + Prefix + "/desync v0.1.0\n",
		"tools/lint":           "",
	} {
		files[dir+"/go.mod"] = "module " + Prefix + "/" + dir + "\n\ngo 1.27\n\n" + requires
		files[dir+"/LICENSE"] = files["LICENSE"]
		files[dir+"/README.md"] = "# " + dir + "\n"
		files[dir+"/CHANGELOG.md"] = "# Changelog\n\n## Unreleased\n"
	}
	return files
}

func importing(pkg string, paths ...string) string {
	var b strings.Builder
	b.WriteString("package " + pkg + "\n")
	for _, p := range paths {
		b.WriteString("import _ \"" + p + "\"\n")
	}
	return b.String()
}

func check(t *testing.T, files map[string]string) (got []string) {
	t.Helper()
	fsys := make(fstest.MapFS)
	for name, data := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(data)}
	}
	tree, err := Load(fsys)
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	for _, f := range tree.Check() {
		if f.Fix == "" {
			t.Errorf("the fault does not say what to do: %v", f)
		}
		where, _, _ := strings.Cut(f.String(), ": ")
		got = append(got, where+": "+f.Problem)
	}
	return got
}

func TestSoundWorkspaceHasNoFault(t *testing.T) {
	if got := check(t, sound()); got != nil {
		t.Fatalf("faults in a sound workspace:\n%s", strings.Join(got, "\n"))
	}
}

func TestLoadReportsWhatItCannotParse(t *testing.T) {
	for name, data := range map[string]string{
		"go.work":           "use",
		"desync/go.mod":     "module",
		"futures/go.mod":    "go 1.27\n",
		"futures/future.go": "package",
	} {
		dir := t.TempDir()
		files := sound()
		files[name] = data
		write(t, dir, files)
		got := Check(dir)
		if len(got) != 1 || !strings.Contains(got[0].Problem, name) {
			t.Errorf("Check with a broken %s: got %v, want one fault that names it", name, got)
		}
	}
}

func TestRoot(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"go.work": "go 1.27\n", "a/b/c.txt": ""})
	got, err := Root(filepath.Join(dir, "a", "b"))
	if err != nil || got != dir {
		t.Errorf("Root(a/b) = %q, %v; want %q", got, err, dir)
	}
	if got, err := Root(t.TempDir()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Root outside a workspace = %q, %v; want fs.ErrNotExist", got, err)
	}
}

func TestGoRunsOutsideTheWorkspace(t *testing.T) {
	g := Go{Dir: t.TempDir(), Env: []string{"GOFLAGS=-mod=mod"}}
	out, err := g.Run(t.Context(), "env", "GOWORK", "GOTOOLCHAIN", "GOFLAGS")
	if want := "off\nlocal\n-mod=mod\n"; err != nil || out != want {
		t.Errorf("go env = %q, %v; want %q", out, err, want)
	}
	_, err = g.Run(t.Context(), "list", "example.com/absent")
	if err == nil || !strings.Contains(err.Error(), "go list example.com/absent: exit status 1\n") {
		t.Errorf("a failing command: error %v; want one that names it", err)
	}
}

func TestWavesAndPackages(t *testing.T) {
	files := sound()
	files["futures/internal/cell/cell.go"] = "package cell\n"
	files["futures/make.go"] = "//go:build ignore\n\npackage main\n"
	files["futures/sub/sub.go"] = "package sub\n"
	fsys := make(fstest.MapFS)
	for name, data := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(data)}
	}
	tree, err := Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, wave := range tree.Waves(tree.Released()) {
		var dirs []string
		for _, m := range wave {
			dirs = append(dirs, m.Dir)
		}
		got = append(got, strings.Join(dirs, " "))
	}
	want := []string{"conformance futures", "desync", "adapters conformance/subjects tools", "adapters/nats"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("waves (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{".", "sub"}, tree.Module("futures").Libraries()); diff != "" {
		t.Errorf("packages of futures that others can import (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"cmd/demo"}, tree.Module("tools").Commands()); diff != "" {
		t.Errorf("commands of tools (-want +got):\n%s", diff)
	}
}

// TestThisWorkspace is the check that the other tests are about.
func TestThisWorkspace(t *testing.T) {
	root, err := Root(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range Check(root) {
		t.Error(f)
	}
}

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, data := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(data), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}
