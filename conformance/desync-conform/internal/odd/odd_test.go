package odd

import (
	"testing"

	"github.com/go-desync/go-desync/conformance"
	"github.com/go-desync/go-desync/conformance/internal/apart"
)

// TestOdd runs a few cases on each of them. The command desync-conform odd runs all rules,
// again and again, beside busy processes.
func TestOdd(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long; without -short it runs")
	}
	for _, s := range All() {
		t.Run(s.Name, func(t *testing.T) {
			if apart.Ran(t) {
				return
			}
			conformance.Run(t, s.Factory, conformance.WithRules("ORD-2/clients", "EXE-1/once", "EXC-1/bodies", "SUS-2/early", "AFT-1/settled-early", "PAN-2/future"))
		})
	}
}
