package odd

import (
	"testing"

	"github.com/go-desync/go-desync/conformance"
)

// TestOdd runs a few rules on each of them. The command desync-conform odd runs all of
// them, again and again, beside busy processes.
func TestOdd(t *testing.T) {
	for _, s := range All() {
		t.Run(s.Name, func(t *testing.T) {
			conformance.Run(t, s.Factory, conformance.WithRules("ORD-2", "EXE-2", "EXC-1", "SUS-2", "AFT-1", "PAN-2", "PAN-3"))
		})
	}
}
