package command

import (
	"testing"

	"github.com/go-desync/go-desync/conformance"
)

// A case that could not be judged says nothing of the record of a peer.
func TestSelftestThatCouldNotBeJudged(t *testing.T) {
	report := func(rule string, cases ...conformance.CaseResult) *conformance.Report {
		return &conformance.Report{
			Peer:  &conformance.PeerInfo{Programs: "played"},
			Rules: []conformance.RuleResult{{Rule: rule, Cases: cases}},
		}
	}
	steered := conformance.CaseResult{Case: "EXE-1/behind-a-job", Verdict: conformance.Fail, Failure: &conformance.Failure{Rule: "EXE-1"}}
	slow := conformance.CaseResult{Case: "EXE-1/once", Verdict: conformance.Inconclusive, Detail: "it is too slow here"}
	for want, r := range map[string]*conformance.Report{
		"NOT FOUND: EXE-1/once is inconclusive: it is too slow here":     report("EXE-1", steered, slow),
		"NOT FOUND by programs that the peer plays: its record hides it": report("EXE-1", steered),
		"NOT FOUND: no case of EXE-1 fails":                              report("EXE-1"),
	} {
		if got, right := foundOf("EXE-1", r); got != want || right {
			t.Errorf("it is %q, %t, want %q", got, right, want)
		}
	}
}
