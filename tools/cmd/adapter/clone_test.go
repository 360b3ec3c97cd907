package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-desync/go-desync/tools/internal/checklist"
	"github.com/go-desync/go-desync/tools/internal/cli"
	"github.com/go-desync/go-desync/tools/internal/workspace"
)

// TestNewAdapterPassesAllChecks writes an adapter into a copy of this workspace and
// has it judged there, as make test would.
func TestNewAdapterPassesAllChecks(t *testing.T) {
	dir := clone(t)
	if code, _, stderr := adapter(t.Context(), dir, "foo"); code != cli.Done {
		t.Fatalf("exit code %d, want 0; stderr: %s", code, stderr)
	}
	tree, err := workspace.Load(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range append(tree.Check(), checklist.Check(tree)...) {
		t.Error(f)
	}
	goroot := strings.TrimSpace(output(t, dir, "go", "env", "GOROOT"))
	if unformatted := output(t, dir, filepath.Join(goroot, "bin", "gofmt"), "-l", "adapters"); unformatted != "" {
		t.Errorf("not formatted: %s", unformatted)
	}
	output(t, dir, "go", "vet", "./adapters/foo")
	ran := output(t, dir, "go", "test", "-count=1", "-v", "-timeout=5m", "./adapters/foo")
	for _, want := range []string{"TestOrder", "TestNilArguments", "TestFlushGivesUp", "TestItemsBehindOneThatFails", "ExampleNew", "ExampleSink_Send", "ExampleSink_Flush"} {
		if !strings.Contains(ran, "--- PASS: "+want) {
			t.Errorf("%s has not passed:\n%s", want, ran)
		}
	}

	code, _, stderr := adapter(t.Context(), dir, "foo")
	if code != cli.Usage || !strings.Contains(stderr, "adapters/foo exists") {
		t.Errorf("the same again: exit code %d, want 2; stderr: %s", code, stderr)
	}
}

// clone copies the files of this workspace that git tracks or would track, changes
// that are not committed included.
func clone(t *testing.T) (dir string) {
	t.Helper()
	root, err := workspace.Root(".")
	if err != nil {
		t.Fatal(err)
	}
	list := exec.CommandContext(t.Context(), "git", "-C", root, "ls-files", "--cached", "--others", "--exclude-standard", "-z")
	names, err := list.Output()
	if err != nil {
		t.Skipf("this is no clone, so that it is not known which files belong to it: git ls-files: %v", err)
	}
	dir = t.TempDir()
	for name := range strings.SplitSeq(strings.TrimSuffix(string(names), "\x00"), "\x00") {
		data, err := os.ReadFile(filepath.Join(root, name))
		if os.IsNotExist(err) { // deleted, and not committed
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(dir, name), string(data))
	}
	return dir
}

// output runs a command in a directory and returns what it prints.
func output(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PWD="+dir, "GOWORK=") // the workspace in that directory
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Errorf("%s %s: %v\n%s%s", name, strings.Join(args, " "), err, &stdout, &stderr)
	}
	return stdout.String()
}
