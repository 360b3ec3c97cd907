package consumer

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	modzip "golang.org/x/mod/zip"

	"github.com/google/go-cmp/cmp"

	"github.com/go-desync/go-desync/tools/internal/workspace"
)

var (
	desync  = module.Version{Path: workspace.Prefix + "/desync", Version: "v0.1.0"}
	futures = module.Version{Path: workspace.Prefix + "/futures", Version: "v0.1.0"}
)

func root(t *testing.T) string {
	t.Helper()
	dir, err := workspace.Root(".")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func packed(t *testing.T) *Proxy {
	t.Helper()
	p := NewProxy(t.TempDir())
	if err := p.AddWorkspace(t.Context(), root(t)); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestImport(t *testing.T) {
	tests := []struct {
		module  module.Version
		program string
		modules []string
	}{
		{
			module: desync,
			program: `package main

import (
	"context"
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

func main() {
	number := desync.New(20)
	number.Async(func(n *int) { *n++ })
	later := number.Future(func(n *int) int { return *n * 2 })
	v, err := later.Await(context.Background())
	fmt.Println(v, err, number.Sync(func(n *int) int { return *n }))
}
`,
			modules: []string{"example.com/consumer", desync.Path + " v0.1.0", futures.Path + " v0.1.0"},
		},
		{
			module: futures,
			program: `package main

import (
	"context"
	"fmt"

	"github.com/go-desync/go-desync/futures"
)

func main() {
	var p futures.Promise[int]
	p.Resolve(42)
	v, err := p.Future().Await(context.Background())
	fmt.Println(v, err, 21)
}
`,
			modules: []string{"example.com/consumer", futures.Path + " v0.1.0"},
		},
	}
	proxy := packed(t)
	for _, test := range tests {
		t.Run(filepath.Base(test.module.Path), func(t *testing.T) {
			output, modules, err := proxy.Import(t.Context(), t.TempDir(), test.module, test.program)
			if err != nil {
				t.Fatalf("a consumer of %s: %v", test.module, err)
			}
			if want := "42 <nil> 21\n"; output != want {
				t.Errorf("a consumer's program wrote %q, want %q", output, want)
			}
			if diff := cmp.Diff(test.modules, modules); diff != "" {
				t.Errorf("go list -m all of a consumer of %s (-want +got):\n%s", test.module, diff)
			}
		})
	}
}

// That the modules of this workspace stand alone is what make consumer shows, for all of
// them. Here it must see two faults. Both build in the workspace, and neither is visible in what go get
// does: it adds a missing requirement to the consumer's own go.mod.
func TestModuleAloneHasWhatItRequires(t *testing.T) {
	t.Run("missing requirement", func(t *testing.T) {
		seeded := t.TempDir()
		copyModule(t, seeded, "desync")
		editGoMod(t, filepath.Join(seeded, "desync", "go.mod"), func(f *modfile.File) error { return f.DropRequire(futures.Path) })
		proxy := NewProxy(t.TempDir())
		add(t, proxy, futures, root(t), "futures")
		add(t, proxy, desync, seeded, "desync")
		err := proxy.Vet(t.Context(), t.TempDir(), desync)
		if err == nil || !strings.Contains(err.Error(), "cannot find module providing package "+futures.Path) {
			t.Errorf("desync without its requirement of futures: error %v; want one that names the package", err)
		}
	})
	t.Run("API newer than the required version", func(t *testing.T) {
		released := t.TempDir()
		writeFile(t, released, "futures/go.mod", "module "+futures.Path+"\n\ngo 1.27\n")
		writeFile(t, released, "futures/futures.go", "package futures\n")
		writeFile(t, released, "futures/waits/waits.go", "package waits\n")
		proxy := NewProxy(t.TempDir())
		add(t, proxy, futures, released, "futures")
		add(t, proxy, desync, root(t), "desync")
		err := proxy.Vet(t.Context(), t.TempDir(), desync)
		if err == nil || !strings.Contains(err.Error(), "undefined: ") {
			t.Errorf("desync with an older futures: error %v; want an undefined name", err)
		}
	})
}

func TestAddPacksTheCommit(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed: a release is packed by git")
	}
	repo := t.TempDir()
	writeFile(t, repo, "futures/go.mod", "module "+futures.Path+"\n\ngo 1.27\n")
	writeFile(t, repo, "futures/futures.go", "package futures\n")
	writeFile(t, repo, "futures/nested/go.mod", "module "+futures.Path+"/nested\n\ngo 1.27\n")
	writeFile(t, repo, ".gitignore", "*.out\n")
	linked := filepath.Join(t.TempDir(), "linked")
	for _, args := range [][]string{
		{"init", "--quiet"},
		{"add", "."},
		{"-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false", "commit", "--quiet", "-m", "t"},
		{"worktree", "add", "--quiet", "--detach", linked},
	} {
		if out, err := exec.Command("git", append([]string{"-C", repo}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	want := []string{"futures.go", "go.mod"}
	for _, dir := range []string{repo, linked} {
		writeFile(t, dir, "futures/cpu.out", "ignored by git, so no change")
		if diff := cmp.Diff(want, contents(t, dir)); diff != "" {
			t.Errorf("files of a committed module (-want +got):\n%s", diff)
		}
	}

	writeFile(t, repo, "futures/new.go", "package futures\n")
	want = []string{"cpu.out", "futures.go", "go.mod", "new.go"}
	if diff := cmp.Diff(want, contents(t, repo)); diff != "" {
		t.Errorf("files of a module with changes (-want +got):\n%s", diff)
	}
}

func TestConsumersModuleListIsJudged(t *testing.T) {
	further := module.Version{Path: workspace.Prefix + "/further", Version: "v0.1.0"} // of the tests of futures
	s := Subject{Version: desync, Siblings: []module.Version{futures, further}}
	own := []string{desync.Path, futures.Path, "v0.1.0", "example.com/known", "v1.0.0"}
	tests := []struct {
		name    string
		modules []string
		problem string
	}{
		{"what is said", []string{desync.Path + " v0.1.0", futures.Path + " v0.1.0", "example.com/known v0.9.0"}, ""},
		{"what is said, and what that requires", []string{desync.Path + " v0.1.0", futures.Path + " v0.1.0", further.Path + " v0.1.0"}, ""},
		{"another version of a sibling", []string{desync.Path + " v0.1.0", futures.Path + " v0.2.0"}, "also gets " + futures.Path + " v0.2.0"},
		{"one sibling more", []string{desync.Path + " v0.1.0", futures.Path + " v0.1.0", workspace.Prefix + "/tools v0.1.0"}, "also gets " + workspace.Prefix + "/tools"},
		{"one third party more", []string{desync.Path + " v0.1.0", futures.Path + " v0.1.0", "example.com/new v1.0.0"}, "also gets example.com/new v1.0.0"},
		{"a sibling less", []string{desync.Path + " v0.1.0"}, "does not get " + futures.Path + " v0.1.0"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := s.judge(test.modules, own, []module.Version{futures})
			if test.problem == "" && err != nil || test.problem != "" && (err == nil || !strings.Contains(err.Error(), test.problem)) {
				t.Errorf("error %v, want one with %q", err, test.problem)
			}
		})
	}
}

func TestProofFindsWhatConsumersMiss(t *testing.T) {
	library := map[string]string{
		"futures/go.mod":     "module " + futures.Path + "\n\ngo 1.27\n",
		"futures/futures.go": "package futures\n\nfunc One() int { return 1 }\n",
	}
	tests := []struct {
		name    string
		more    map[string]string
		problem string
	}{
		{"no Example", nil, "no file example*_test.go"},
		{"an Example inside the package", map[string]string{
			"futures/example_test.go": "package futures\n\nfunc Example() {\n\t// Output:\n}\n",
		}, "no file example*_test.go"},
		{"an Example that no one runs", map[string]string{
			"futures/example_test.go": "package futures_test\n\nfunc Example() {}\n",
		}, "none ran"},
		{"an Example that needs a file beside it", map[string]string{
			"futures/example_test.go": "package futures_test\n\nfunc Example() {\n\tshow()\n\t// Output:\n}\n",
			"futures/show_test.go":    "package futures_test\n\nfunc show() {}\n",
		}, "undefined: show"},
		{"a program without help", map[string]string{
			"futures/example_test.go":  "package futures_test\n\nfunc Example() {\n\t// Output:\n}\n",
			"futures/cmd/fail/main.go": "package main\n\nfunc main() { panic(\"no help\") }\n",
		}, "panic: no help"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			root := t.TempDir()
			for _, files := range []map[string]string{library, test.more} {
				for name, text := range files {
					writeFile(t, root, name, text)
				}
			}
			proxy := NewProxy(t.TempDir())
			add(t, proxy, futures, root, "futures")
			s := Subject{Version: futures, Libraries: []string{"."}}
			if test.more["futures/cmd/fail/main.go"] != "" {
				s.Commands = []string{"cmd/fail"}
			}
			_, err := proxy.Prove(t.Context(), t.TempDir(), s, false)
			if err == nil || !strings.Contains(err.Error(), test.problem) {
				t.Errorf("error %v, want one with %q", err, test.problem)
			}
		})
	}
}

// On a fresh machine the module cache has the modules that the workspace is built
// of, perhaps in higher versions than a module by itself requires. No checksum
// database is asked: it would not know example.com.
func TestProofFetchesWhatTheGoSumNames(t *testing.T) {
	third := module.Version{Path: "example.com/third", Version: "v1.2.3"}
	root, others := t.TempDir(), t.TempDir()
	writeFile(t, root, "third/go.mod", "module example.com/third\n\ngo 1.27\n")
	writeFile(t, root, "third/third.go", "package third\n\nconst One = 1\n")
	public := NewProxy(others)
	add(t, public, third, root, "third")
	writeFile(t, root, "futures/go.mod", "module "+futures.Path+"\n\ngo 1.27\n\nrequire example.com/third v1.2.3\n")
	writeFile(t, root, "futures/go.sum", strings.Join(public.Sums(third), ""))
	writeFile(t, root, "futures/futures.go", "package futures\n\nimport \"example.com/third\"\n\nfunc One() int { return third.One }\n")
	writeFile(t, root, "futures/example_test.go", "package futures_test\n\nfunc Example() {\n\t// Output:\n}\n")
	proxy := NewProxy(t.TempDir())
	add(t, proxy, futures, root, "futures")
	t.Setenv("GOMODCACHE", t.TempDir())
	t.Setenv("GOFLAGS", "-modcacherw") // so that it can be deleted
	t.Setenv("GOSUMDB", "sum.golang.org")
	t.Setenv("GOPROXY", "file://"+filepath.ToSlash(others))
	s := Subject{Version: futures, Libraries: []string{"."}}
	for range 2 { // the second time without a proxy
		use, err := proxy.Prove(t.Context(), t.TempDir(), s, false)
		want := []string{third.Path + " v1.2.3", futures.Path + " v0.1.0"}
		if err != nil || !slices.Equal(use.Modules, want) {
			t.Errorf("a consumer gets %v, error %v; want %v", use.Modules, err, want)
		}
		t.Setenv("GOPROXY", "off")
	}
}

// contents packs the futures module of a repository and lists the package.
func contents(t *testing.T, repo string) (names []string) {
	t.Helper()
	proxy := NewProxy(t.TempDir())
	add(t, proxy, futures, repo, "futures")
	archive, err := proxy.archive(futures)
	if err != nil {
		t.Fatal(err)
	}
	checked, err := modzip.CheckZip(futures, archive)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range checked.Valid {
		names = append(names, strings.TrimPrefix(name, futures.String()+"/"))
	}
	slices.Sort(names)
	return names
}

func add(t *testing.T, p *Proxy, m module.Version, root, dir string) {
	t.Helper()
	if err := p.Add(t.Context(), m, root, dir); err != nil {
		t.Fatal(err)
	}
}

func copyModule(t *testing.T, to, dir string) {
	t.Helper()
	if err := os.CopyFS(filepath.Join(to, dir), os.DirFS(filepath.Join(root(t), dir))); err != nil {
		t.Fatal(err)
	}
}

func editGoMod(t *testing.T, name string, edit func(*modfile.File) error) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	f, err := modfile.Parse(name, data, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := edit(f); err != nil {
		t.Fatal(err)
	}
	f.Cleanup()
	if data, err = f.Format(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

func writeFile(t *testing.T, dir, name, data string) {
	t.Helper()
	name = filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(data), 0o666); err != nil {
		t.Fatal(err)
	}
}
