package futures_test

import (
	"os/exec"
	"strings"
	"testing"
)

// Promises, futures and structs that embed them must not be copied, and vet
// must see it.
func TestVetCatchesCopies(t *testing.T) {
	if testing.Short() {
		t.Skip("runs go vet on another package")
	}
	tool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("there is no go command to run vet with:", err)
	}
	out, err := exec.CommandContext(t.Context(), tool, "vet", "-copylocks", "./testdata/copies").CombinedOutput()
	if err == nil {
		t.Fatal("go vet accepts the copies in testdata/copies; want it to report them")
	}
	for _, want := range []string{"futures.Promise[int]", "futures.Future[int]", "copies.node"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("go vet does not report the copy of a %s; it says:\n%s", want, out)
		}
	}
}
