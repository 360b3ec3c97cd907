package workspace

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// selected returns the root of the toolchain that the environment of this
// process selects. It asks the go command only once.
var selected = sync.OnceValues(func() (goroot string, err error) {
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return "", fmt.Errorf("go env GOROOT: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
})

// A Go runs the go command outside the workspace, as a consumer would.
type Go struct {
	Dir    string   // where it runs
	Env    []string // set on top of the environment of this process
	GOROOT string   // of the toolchain; the environment selects it when this is empty
}

// Run runs the go command and returns its standard output. It waits for the
// command, which is killed when ctx ends. The error has the command and all of
// its output.
//
// Run calls the toolchain that the environment selects, by its own path, and
// pins it: in a scratch module the go command would select a toolchain again.
func (g Go) Run(ctx context.Context, args ...string) (string, error) {
	if g.GOROOT == "" {
		var err error
		if g.GOROOT, err = selected(); err != nil {
			return "", err
		}
	}
	bin := filepath.Join(g.GOROOT, "bin")
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "go"), args...)
	cmd.Dir = g.Dir
	cmd.Env = append(os.Environ(),
		"PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"),
		"GOTOOLCHAIN=local", "GOWORK=off", "PWD="+g.Dir)
	cmd.Env = append(cmd.Env, g.Env...)
	// A test binary that go started may outlive it and hold the pipes open.
	cmd.WaitDelay = 10 * time.Second
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return stdout.String(), fmt.Errorf("go %s: %w\n%s%s", strings.Join(args, " "), err, &stdout, &stderr)
	}
	return stdout.String(), nil
}
