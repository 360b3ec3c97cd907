//go:build unix

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// stubborn is a peer that ignores signals and has children, one of which has a child too. It
// writes down the numbers of all.
const stubborn = `trap '' INT TERM HUP
sleep 1000 &
echo $! >>"$1.new"
sh -c 'sleep 1000 & echo $! >>"$1.new"; wait' sh "$1" &
echo $! >>"$1.new"
echo $$ >>"$1.new"
mv "$1.new" "$1"
`

// lives reports whether a process goes on.
func lives(pid string) bool {
	stat, err := os.ReadFile(filepath.Join("/proc", pid, "stat"))
	return err == nil && !strings.Contains(string(stat), ") Z ")
}

func TestSignalLeavesNoProcessOfThePeer(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("which processes there are is read from /proc, and there is none")
	}
	program := build(t)
	for name, test := range map[string]struct {
		signal os.Signal
		peer   string // what it does when it has its children
		speaks bool
		want   string
	}{
		"interrupt":            {os.Interrupt, `"$2" serve --subject=reference/deque`, true, "PARTIAL"},
		"terminate":            {syscall.SIGTERM, `"$2" serve --subject=reference/deque`, true, "PARTIAL"},
		"before it says hello": {syscall.SIGTERM, "echo asleep >&2; sleep 1000", false, "the run was broken off"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "processes")
			cmd := exec.CommandContext(t.Context(), program, "exec", "--verbose", "--budget=full", "--", "sh", "-c", stubborn+test.peer, "sh", file, program)
			var out bytes.Buffer
			progress := waiter{seen: make(chan struct{})}
			cmd.Stdout, cmd.Stderr = &out, &progress
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			var pids []byte
			if test.speaks {
				<-progress.seen // a case is done
			}
			for len(pids) == 0 && t.Context().Err() == nil { // until all its processes are there
				time.Sleep(10 * time.Millisecond)
				pids, _ = os.ReadFile(file)
			}
			if err := cmd.Process.Signal(test.signal); err != nil {
				t.Fatal(err)
			}
			err := cmd.Wait()
			if cmd.ProcessState.ExitCode() != 3 || !strings.Contains(out.String()+progress.text.String(), test.want) {
				t.Errorf("it ended with %v, want exit code 3 and %q in:\n%s%s", err, test.want, out.String(), progress.text.String())
			}
			for _, pid := range strings.Fields(string(pids)) {
				for range 500 {
					if !lives(pid) {
						break
					}
					time.Sleep(10 * time.Millisecond)
				}
				if lives(pid) {
					t.Errorf("process %s goes on after the run", pid)
				}
			}
		})
	}
}
