package desyncvet_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/go-desync/go-desync/tools/desyncvet"
	"github.com/go-desync/go-desync/tools/internal/workspace"
)

// module lays out a directory of testdata as a module that requires this
// repository's desync and futures themselves, wherever the go command finds
// them for this one, and the stub of adapters in testdata.
func module(t *testing.T, name string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", name))); err != nil {
		t.Fatal(err)
	}
	writeGoMod(t, dir, "example.com/"+name)
	return dir
}

func writeGoMod(t *testing.T, dir, path string) {
	t.Helper()
	text := "module " + path + "\n\ngo 1.27\n"
	for _, sibling := range []string{"desync", "futures"} {
		found, err := exec.CommandContext(t.Context(), "go", "list", "-f", "{{.Dir}}", workspace.Prefix+"/"+sibling).Output()
		if err != nil {
			t.Fatalf("go list %s: %v", sibling, err)
		}
		text += "\nrequire " + workspace.Prefix + "/" + sibling + " v0.1.0\n" +
			"replace " + workspace.Prefix + "/" + sibling + " => " + strings.TrimSpace(string(found)) + "\n"
	}
	adapters := t.TempDir()
	if err := os.CopyFS(adapters, os.DirFS("testdata/adapters")); err != nil {
		t.Fatal(err)
	}
	own := "module " + workspace.Prefix + "/adapters\n\ngo 1.27\n\nrequire " + workspace.Prefix + "/desync v0.1.0\n"
	if err := os.WriteFile(filepath.Join(adapters, "go.mod"), []byte(own), 0o666); err != nil {
		t.Fatal(err)
	}
	text += "\nrequire " + workspace.Prefix + "/adapters v0.1.0\n" +
		"replace " + workspace.Prefix + "/adapters => " + adapters + "\n"
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// own runs on each package the check that the package is named for, so that the
// packages and what they import are loaded once for all checks.
func own(t *testing.T) *analysis.Analyzer {
	t.Helper()
	all := &analysis.Analyzer{Name: "own", Doc: "run on each package the check that it is named for"}
	checks := make(map[string]*analysis.Analyzer)
	for _, a := range desyncvet.Analyzers() {
		checks[a.Name] = a
		for _, r := range a.Requires {
			if !slices.Contains(all.Requires, r) {
				all.Requires = append(all.Requires, r)
			}
		}
	}
	all.Run = func(pass *analysis.Pass) (any, error) {
		check := checks[pass.Pkg.Name()]
		if check == nil {
			return nil, nil // a package that the others use
		}
		return check.Run(pass)
	}
	return all
}

func TestChecks(t *testing.T) {
	results := analysistest.Run(t, module(t, "checks"), own(t), "./...")
	for _, a := range desyncvet.Analyzers() {
		if !slices.ContainsFunc(results, func(r *analysistest.Result) bool { return r.Pass.Pkg.Name() == a.Name && len(r.Diagnostics) > 0 }) {
			t.Errorf("testdata/checks/%s has nothing that the check reports", a.Name)
		}
	}
}

func TestFixes(t *testing.T) {
	analysistest.RunWithSuggestedFixes(t, module(t, "fixes"), own(t), "./...")
}

func TestEveryCheckIsDocumented(t *testing.T) {
	for _, a := range desyncvet.Analyzers() {
		title, text, _ := strings.Cut(a.Doc, "\n\n")
		if title == "" || strings.Contains(title, "\n") || len(text) < 200 {
			t.Errorf("the documentation of %s is %q; want a title line, an empty line, and what the check finds", a.Name, a.Doc)
		}
	}
}
