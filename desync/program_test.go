package desync_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Programs that go test has built look at the clock for bubbles, and other programs
// do not. So the order, and that nothing is lost, is tested in a program too.
func TestORD1_EXE1_InAProgram(t *testing.T) {
	skipWithoutProcesses(t)
	program := filepath.Join(t.TempDir(), "program.exe")
	if out, err := exec.Command("go", "build", "-o", program, "./testdata/program").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	// It takes less than a second; a job that is lost makes it hang.
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	for _, procs := range []int{1, 2, 8} {
		c := exec.CommandContext(ctx, program)
		c.Env = append(os.Environ(), fmt.Sprintf("GOMAXPROCS=%d", procs))
		if out, err := c.CombinedOutput(); err != nil || strings.TrimSpace(string(out)) != "ok" {
			t.Errorf("ORD-1, EXE-1: GOMAXPROCS=%d: %v, %v\n%s", procs, err, ctx.Err(), out)
		}
	}
}
