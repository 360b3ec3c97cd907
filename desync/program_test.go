package desync_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What go test has built looks at the clock for bubbles, and programs do not. So the
// order, and that nothing is lost, is tried in a program too.
func TestORD1_EXE1_InAProgram(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("there is no go command to build a program with")
	}
	program := filepath.Join(t.TempDir(), "program.exe")
	if out, err := exec.Command("go", "build", "-o", program, "./testdata/program").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	for _, procs := range []int{1, 2, 8} {
		c := exec.CommandContext(t.Context(), program)
		c.Env = append(os.Environ(), fmt.Sprintf("GOMAXPROCS=%d", procs))
		c.WaitDelay = time.Second
		if out, err := c.CombinedOutput(); err != nil || strings.TrimSpace(string(out)) != "ok" {
			t.Errorf("GOMAXPROCS=%d: %v\n%s", procs, err, out)
		}
	}
}
