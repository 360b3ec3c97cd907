package reference

import (
	"testing"

	"github.com/go-desync/go-desync/conformance"
)

// TestReferences is the control: whatever fails here is a fault of the suite, or of
// a reference. Run it many times, on a busy machine:
//
//	go test -run TestReferences -count 200 ./internal/reference
func TestReferences(t *testing.T) {
	for _, f := range Factories() {
		t.Run(f.Info.Name, func(t *testing.T) { conformance.Run(t, f) })
	}
}
