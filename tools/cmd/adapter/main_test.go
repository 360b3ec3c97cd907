package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-desync/go-desync/tools/internal/cli"
)

// TestMain lets git find the repository of the tests, also where git runs the tests
// itself and names another one.
func TestMain(m *testing.M) {
	for _, name := range []string{"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"} {
		if err := os.Unsetenv(name); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

const (
	readme    = "# adapters\n\n| package | what it bridges |\n|---|---|\n| `pipe` | channels |\n\n## More\n"
	changes   = "# Changelog\n\n## Unreleased\n\n### Added\n\n- Package `pipe`.\n\n### Changed\n\n- Much.\n\n## 0.1.0 - 2026-01-02\n\n### Added\n\n- All.\n"
	rowOfFoo  = "| `foo` | items from many goroutines: each a job on an object, in order |\n"
	lineOfFoo = "- Package `foo`, which makes jobs on an object of items that many goroutines send.\n"
)

// tree writes a small workspace.
func tree(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range map[string]string{
		"go.work":               "go 1.27\n",
		"adapters/README.md":    readme,
		"adapters/CHANGELOG.md": changes,
		"adapters/pipe/pipe.go": "package pipe\n",
	} {
		writeFile(t, filepath.Join(dir, name), text)
	}
	return dir
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// contents returns the files of a tree and their text, and its empty directories.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := make(map[string]string)
	err := filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
		if err != nil || name == dir {
			return err
		}
		relative, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		delete(all, filepath.Dir(relative)+"/")
		if d.IsDir() {
			all[relative+"/"] = ""
			return nil
		}
		data, err := os.ReadFile(name)
		all[relative] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// adapter runs the command in a tree.
func adapter(ctx context.Context, dir string, args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = run(ctx, append([]string{"--root", dir}, args...), &out, &errs)
	return code, out.String(), errs.String()
}

func TestHelpNamesExitCodes(t *testing.T) {
	code, stdout, stderr := adapter(t.Context(), ".", "--help")
	help := strings.Join(strings.Fields(stdout), " ")
	if code != cli.Done || stderr != "" {
		t.Errorf("exit code %d, want 0; stderr: %s", code, stderr)
	}
	for _, want := range []string{"<name>", "--root", "0 done", "1 the files", "2 wrong usage", "130 interrupted", "CONTRIBUTING.md"} {
		if !strings.Contains(help, want) {
			t.Errorf("help lacks %q:\n%s", want, stdout)
		}
	}
}

func TestAdapterIsWritten(t *testing.T) {
	dir := tree(t)
	before := contents(t, dir)
	code, stdout, stderr := adapter(t.Context(), filepath.Join(dir, "adapters", "pipe"), "foo")
	if code != cli.Done || stderr != "" || !strings.Contains(stdout, "go test ./adapters/foo\n") {
		t.Fatalf("exit code %d, want 0; stdout: %s; stderr: %s", code, stdout, stderr)
	}
	after := contents(t, dir)
	for _, name := range []string{"doc.go", "foo.go", "foo_test.go", "example_test.go"} {
		name = "adapters/foo/" + name
		if text := after[name]; !strings.Contains(text, "package foo") || strings.Contains(text, "adapter0") {
			t.Errorf("%s is no file of package foo:\n%s", name, text)
		}
		delete(after, name)
	}
	before["adapters/README.md"] = strings.Replace(readme, "channels |\n", "channels |\n"+rowOfFoo, 1)
	before["adapters/CHANGELOG.md"] = strings.Replace(changes, "`pipe`.\n", "`pipe`.\n"+lineOfFoo, 1)
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("the rest of the tree (-want +got):\n%s", diff)
	}
}

func TestRefusals(t *testing.T) {
	edit := func(name, old, text string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			name := filepath.Join(dir, "adapters", name)
			data, err := os.ReadFile(name)
			if err != nil || !strings.Contains(string(data), old) {
				t.Fatalf("%s does not contain %q; error %v", name, old, err)
			}
			writeFile(t, name, strings.Replace(string(data), old, text, 1))
		}
	}
	remove := func(name string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, test := range []struct {
		name string
		do   func(t *testing.T, dir string)
		args string
		want string
	}{
		{"no name", nil, "", `expected "<name>"; run adapter --help`},
		{"two names", nil, "foo bar", "run adapter --help"},
		{"unknown flag", nil, "foo --quick", "unknown flag --quick"},
		{"upper case", nil, "Foo", `"Foo" is no name for a package; use lower-case letters and digits`},
		{"a digit first", nil, "2foo", `"2foo" is no name`},
		{"an underscore", nil, "foo_test", `"foo_test" is no name`},
		{"a path", nil, "foo/bar", `"foo/bar" is no name`},
		{"a path outside", nil, "../foo", `"../foo" is no name`},
		{"other letters", nil, "größe", "is no name"},
		{"a keyword", nil, "func", `"func" means something in every Go file; choose another name`},
		{"a predeclared name", nil, "string", `"string" means something`},
		{"internal", nil, "internal", `"internal" cannot be the name of an adapter; choose`},
		{"examples", nil, "examples", `"examples" cannot be`},
		{"the name of a file", nil, "doc", `"doc" cannot be`},
		{"the name of another file", nil, "example", `"example" cannot be`},
		{"a name that says nothing", nil, "util", `"util" cannot be`},
		{"an import of the new code", nil, "desync", `"desync" is the name of something else in the code of a new adapter; choose`},
		{"a variable of the new code", nil, "item", `"item" is the name of something else`},
		{"an adapter that exists", nil, "pipe", "adapters/pipe exists; choose another name"},
		{"a file in its place", func(t *testing.T, dir string) { writeFile(t, filepath.Join(dir, "adapters", "foo"), "") }, "foo", "adapters/foo exists"},
		{"a row that exists", edit("README.md", "`pipe`", "`foo`"), "foo", "adapters/README.md speaks of `foo` already; delete"},
		{"an entry that exists", edit("CHANGELOG.md", "`pipe`", "`foo`"), "foo", "adapters/CHANGELOG.md speaks of `foo` already; delete"},
		{"a README.md without table", edit("README.md", "| package |", "| module |"), "foo", "adapters/README.md has no table of the packages; restore"},
		{"a broken changelog", edit("CHANGELOG.md", "## Unreleased", "## Later"), "foo", "adapters/CHANGELOG.md cannot be read: the heading \"## Later\""},
		{"no README.md", remove("adapters/README.md"), "foo", "there is no adapters/README.md in "},
		{"no changelog", remove("adapters/CHANGELOG.md"), "foo", "there is no adapters/CHANGELOG.md in "},
		{"no workspace", remove("go.work"), "foo", "is in no workspace: no go.work in this directory or above"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := tree(t)
			if test.do != nil {
				test.do(t, dir)
			}
			before := contents(t, dir)
			code, stdout, stderr := adapter(t.Context(), dir, strings.Fields(test.args)...)
			if code != cli.Usage || stdout != "" || !strings.HasPrefix(stderr, "adapter: ") || !strings.Contains(stderr, test.want) {
				t.Errorf("exit code %d, want 2; stdout %q; stderr %q, want one with %q", code, stdout, stderr, test.want)
			}
			if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
				t.Errorf("the tree was changed (-before +after):\n%s", diff)
			}
		})
	}
}

func TestInterrupted(t *testing.T) {
	dir := tree(t)
	before := contents(t, dir)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	code, _, stderr := adapter(ctx, dir, "foo")
	if code != cli.Interrupted || !strings.Contains(stderr, "interrupted; nothing was changed") {
		t.Errorf("exit code %d, want 130; stderr: %s", code, stderr)
	}
	if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
		t.Errorf("the tree was changed (-before +after):\n%s", diff)
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestUnwritableResultIsAFault(t *testing.T) {
	var stderr bytes.Buffer
	code := run(t.Context(), []string{"--root", tree(t), "foo"}, fullDisk{}, &stderr)
	if code != cli.Fault || !strings.Contains(stderr.String(), "adapters/foo was written, but the result could not be printed: disk full") {
		t.Errorf("exit code %d, want 1; stderr: %s", code, &stderr)
	}
}
