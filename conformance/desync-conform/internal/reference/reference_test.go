package reference

import (
	"flag"
	"testing"

	"github.com/go-desync/go-desync/conformance"
	"github.com/go-desync/go-desync/conformance/internal/apart"
)

var whole = flag.Bool("whole", false, "check the references by all rules, those that rest on chance too")

// TestReferences is the control: whatever fails here is a fault of the suite, or of
// a reference. It leaves out the rules that rest on chance, which take most of the time,
// unless they are asked for: make conform demands that all three pass these too. Run it many
// times, on a busy machine:
//
//	go test -run TestReferences -count 200 ./internal/reference -whole
func TestReferences(t *testing.T) {
	var rules []string
	for _, r := range conformance.Rules() {
		if *whole || r.Method != conformance.Stochastic {
			rules = append(rules, r.ID)
		}
	}
	for _, f := range Factories() {
		t.Run(f.Info.Name, func(t *testing.T) {
			if apart.Ran(t) {
				return
			}
			conformance.Run(t, f, conformance.WithRules(rules...))
		})
	}
}
