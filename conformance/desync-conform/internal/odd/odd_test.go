package odd

import (
	"testing"

	"github.com/go-desync/go-desync/conformance"
)

// TestOdd runs the suite on each of them once. The command desync-conform odd does so
// again and again, beside busy processes.
func TestOdd(t *testing.T) {
	for _, s := range All() {
		t.Run(s.Name, func(t *testing.T) { conformance.Run(t, s.Factory) })
	}
}
