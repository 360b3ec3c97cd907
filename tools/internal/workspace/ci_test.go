package workspace_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-desync/go-desync/tools/internal/workspace"
)

// A make that notes how it is called, leaves files that cannot be written and
// fails at lint.
const noteCall = `#!/bin/sh
echo "target=$1 GOFLAGS=${GOFLAGS-unset} GOENV=$GOENV" >> "$NOTES"
if [ "$1" = test ]; then
	for dir in "$HOME" "$GOPATH" "$GOMODCACHE" "$GOCACHE"; do
		echo "dir=$dir holds=$(ls -A "$dir")" >> "$NOTES"
	done
fi
mkdir -p "$GOMODCACHE/some" && : > "$GOMODCACHE/some/file" && chmod -R a-w "$GOMODCACHE/some"
[ "$1" != lint ]
`

func TestCIBeginsWithEmptyDirectories(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash, in which .ci/run is written:", err)
	}
	root, err := workspace.Root(".")
	if err != nil {
		t.Fatal(err)
	}
	bin, temp := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "make"), []byte(noteCall), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(bin, "chromium-headless-shell"), []byte("#!/bin/sh\n"), 0o777); err != nil {
		t.Fatal(err) // otherwise it would be installed
	}
	notes := filepath.Join(bin, "notes")
	cmd := exec.CommandContext(t.Context(), bash, filepath.Join(root, ".ci", "run"))
	cmd.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"),
		"TMPDIR="+temp, "NOTES="+notes, "GOFLAGS=-mod=mod", "GOENV="+filepath.Join(bin, "env"))
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != 1 || !strings.Contains(string(out), "lint         FAILED") {
		t.Errorf("it ended with %v, want 1 and a summary that names lint:\n%s", err, out)
	}
	data, err := os.ReadFile(notes)
	if err != nil {
		t.Fatal(err)
	}
	var targets, dirs []string
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSuffix(line, "\n")
		if call, ok := strings.CutPrefix(line, "target="); ok {
			target, rest, _ := strings.Cut(call, " ")
			if targets = append(targets, target); rest != "GOFLAGS=-trimpath GOENV=off" {
				t.Errorf("make %s is called with %s; want neither flags nor settings of this machine, but -trimpath", target, rest)
			}
			continue
		}
		dir, holds, _ := strings.Cut(strings.TrimPrefix(line, "dir="), " holds=")
		if !strings.HasPrefix(dir, temp) || holds != "" || slices.Contains(dirs, dir) {
			t.Errorf("the directory %s holds %q; want one of its own, below %s and empty", dir, holds, temp)
		}
		dirs = append(dirs, dir)
	}
	if diff := cmp.Diff([]string{"test", "lint", "consumer", "conform", "kafka", "scale-kafka", "scale"}, targets); diff != "" {
		t.Errorf("targets (-want +got):\n%s", diff)
	}
	if len(dirs) != 4 {
		t.Errorf("%d directories, want those of HOME, GOPATH, GOMODCACHE and GOCACHE: %v", len(dirs), dirs)
	}
	left, err := os.ReadDir(temp)
	if err != nil || len(left) > 0 {
		t.Errorf("at its end it leaves %v, error %v; want nothing", left, err)
	}
}

// make takes the modules from go.work.
func TestMakeKnowsAllModules(t *testing.T) {
	if _, err := exec.LookPath("make"); err != nil {
		t.Skip("make is not installed:", err)
	}
	root, err := workspace.Root(".")
	if err != nil {
		t.Fatal(err)
	}
	tree, err := workspace.Load(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "make", "-C", root, "--dry-run", "vet", "nested").CombinedOutput()
	if err != nil {
		t.Fatalf("make: %v\n%s", err, out)
	}
	for _, u := range tree.Work.Use {
		if dir := filepath.ToSlash(filepath.Clean(u.Path)); !slices.Contains(strings.Fields(strings.ReplaceAll(string(out), ";", " ")), dir) {
			t.Errorf("make vet nested leaves out %s:\n%s", dir, out)
		}
	}
}
