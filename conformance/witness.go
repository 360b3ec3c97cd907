package conformance

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// A witness is a child process that outlives this one. A subject that panics on a
// goroutine of its own ends this process, and nothing in it can say then which case
// ran; the witness does.
type witness struct {
	cmd *exec.Cmd
	in  io.WriteCloser
}

// witnessCase is what a witness has instead of a case.
const witnessCase = "witness"

// startWitness starts a witness if cases run in this process and there is a command
// for another one. It returns nil if none has started, which is no reason not to run.
func startWitness(s *subject) *witness {
	if s.o.isolate || raceEnabled || len(s.o.child) == 0 {
		return nil
	}
	cmd := exec.Command(s.o.child[0], s.o.child[1:]...)
	cmd.Env = append(os.Environ(), childCase+"="+witnessCase, childSubject+"="+s.f.Info.Name)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil || cmd.Start() != nil {
		return nil
	}
	return &witness{cmd, in}
}

// began tells the witness which case runs from now on.
func (w *witness) began(id string) {
	if w != nil {
		fmt.Fprintln(w.in, id)
	}
}

// dismiss ends the witness before it can take the end of its input for that of the
// process.
func (w *witness) dismiss() {
	if w != nil {
		_ = w.cmd.Process.Kill()
		_ = w.cmd.Wait() // closes the input
	}
}

// testify is all that a witness does.
func testify(f Factory) {
	last := ""
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		last = lines.Text()
	}
	if last != "" {
		fmt.Fprintf(os.Stderr, "conformance: %s: the process ended while the case %s ran; WithIsolation makes that a failure of the case, and goes on with the others\n", f.Info.Name, last)
	}
	os.Exit(0)
}
