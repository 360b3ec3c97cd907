package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/module"

	"github.com/go-desync/go-desync/tools/internal/cli"
	"github.com/go-desync/go-desync/tools/internal/consumer"
	"github.com/go-desync/go-desync/tools/internal/workspace"
)

// seeded is a program with one fault, in line 10.
const seeded = `package main

import (
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

func main() {
	leaked := desync.New(1).Sync(func(n *int) *int { return n })
	fmt.Println(*leaked)
}
`

const report = "main.go:10:58: n leaves the job of Sync: it is returned, and it is memory of the object (escape)"

// A user has a module of their own, with desync as it is published, and the
// command. The go command runs the latter for both.
func TestSeededFaultOutsideTheWorkspace(t *testing.T) {
	bin := build(t)
	root, err := workspace.Root(".")
	if err != nil {
		t.Fatal(err)
	}
	proxy := consumer.NewProxy(t.TempDir())
	if err := proxy.AddWorkspace(t.Context(), root); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	desync := module.Version{Path: workspace.Prefix + "/desync", Version: "v0.1.0"}
	if _, _, err := proxy.Import(t.Context(), dir, desync, seeded); err != nil {
		t.Fatal(err)
	}
	dir = filepath.Join(dir, "consumer")
	gocmd, err := proxy.GoCommand(t.Context(), dir, "-mod=readonly")
	if err != nil {
		t.Fatal(err)
	}
	env := gocmd.Env

	_, err = gocmd.Run(t.Context(), "vet", "-vettool="+bin, "./...")
	if err == nil || !strings.Contains(err.Error(), report) {
		t.Errorf("go vet -vettool: %v; want it to report %s", err, report)
	}
	out, code := runIn(t, dir, bin, env, "./...")
	if code != cli.Fault || strings.TrimSpace(out) != report {
		t.Errorf("desyncvet ./... exits with %d and says %q; want %d and %q", code, out, cli.Fault, report)
	}
	if out, code := runIn(t, dir, bin, env, "--check=race", "./..."); code != cli.Done || out != "" {
		t.Errorf("with another check only it exits with %d and says %q; want 0 and nothing", code, out)
	}

	source := strings.Replace(seeded, "\tleaked", "\t//desyncvet:ignore escape nobody else has the object\n\tleaked", 1)
	write(t, dir, "main.go", source)
	if out, code := runIn(t, dir, bin, env, "./..."); code != cli.Done || out != "" {
		t.Errorf("with a comment it exits with %d and says %q; want 0 and nothing", code, out)
	}
	write(t, dir, "main.go", strings.Replace(source, " nobody else has the object", "", 1))
	if out, code := runIn(t, dir, bin, env, "./..."); code != cli.Fault || !strings.Contains(out, "gives no reason") || !strings.Contains(out, "(escape)") {
		t.Errorf("with a comment without reason it exits with %d and says %q; want both reported", code, out)
	}
}

func TestBadInput(t *testing.T) {
	bin := build(t)
	dir := t.TempDir()
	write(t, dir, "go.mod", "module example.com/broken\n\ngo 1.27\n")
	write(t, dir, "broken/broken.go", "package broken\n\nvar x int = \"no number\"\n")
	write(t, dir, "empty/readme.txt", "no package\n")
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"a package that does not compile", []string{"./broken"}, "broken.go:3:13"},
		{"a pattern without packages", []string{"./empty/..."}, "no packages"},
		{"a package that does not exist", []string{"./missing"}, "missing"},
		{"an unknown check", []string{"--check=escapes", "./broken"}, `there is no check "escapes"`},
		{"help for an unknown check", []string{"help", "escapes"}, `there is no check "escapes"`},
		{"an unknown flag", []string{"--chekc=escape"}, "--chekc"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			out, code := runIn(t, dir, bin, []string{"GOFLAGS=-mod=mod"}, test.args...)
			if code != cli.Usage || !strings.Contains(out, test.want) {
				t.Errorf("desyncvet %s exits with %d and says %q; want %d and something about %q",
					strings.Join(test.args, " "), code, out, cli.Usage, test.want)
			}
		})
	}
}

func TestHelp(t *testing.T) {
	var out, complaints strings.Builder
	if code := run(context.Background(), []string{"help", "ring"}, &out, &complaints); code != cli.Done || !strings.Contains(out.String(), "Sync2") {
		t.Errorf("help ring exits with %d and says %q; want the documentation of the check", code, &out)
	}
	out.Reset()
	if code := run(context.Background(), []string{"help"}, &out, &complaints); code != cli.Done || strings.Count(out.String(), "\n") != len(checkNames()) {
		t.Errorf("help exits with %d and says %q; want a line for each check", code, &out)
	}
	out.Reset()
	if code := run(context.Background(), []string{"--help"}, &out, &complaints); code != cli.Done || !strings.Contains(out.String(), "Exit codes") {
		t.Errorf("--help exits with %d and says %q; want the usage", code, &out)
	}
}

func build(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "desyncvet")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return bin
}

// runIn runs the command with what the environment of a user would be, and
// returns what it printed and its exit code.
func runIn(t *testing.T, dir, bin string, env []string, args ...string) (out string, code int) {
	t.Helper()
	goroot, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), bin, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOTOOLCHAIN=local", "GOWORK=off", "PWD="+dir,
		"PATH="+filepath.Join(strings.TrimSpace(string(goroot)), "bin")+string(os.PathListSeparator)+os.Getenv("PATH"))
	cmd.Env = append(cmd.Env, env...)
	text, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return string(text), cmd.ProcessState.ExitCode()
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	name = filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}
