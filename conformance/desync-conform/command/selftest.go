package command

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/go-desync/go-desync/conformance"
)

// The queues of a self-test, and the cases by which each is to be found.
var selftests = []struct {
	fault string
	cases []string
}{
	{"none", nil},
	{"lifo", []string{"ORD-1/behind-a-job", "ORD-1/one-client"}},
	{"overlap", []string{"EXC-1/waiting-body", "EXC-1/bodies"}},
	{"lost", []string{"EXE-2/behind-a-job", "EXE-2/all"}},
	{"twice", []string{"EXE-1/behind-a-job", "EXE-1/once"}},
	{"early", []string{"SYN-1/own-job-done"}},
}

// selftest checks the recorder of a peer's library: what it records of queues that are
// wrong must show that they are.
func (c *execCommand) selftest(ctx context.Context, e *env) int {
	code := exitConforms
	for _, s := range selftests {
		peer := c.peer()
		peer.Fault = s.fault
		cases, rule := s.cases, ""
		if len(cases) == 0 {
			for _, other := range selftests {
				cases = append(cases, other.cases...)
			}
		} else {
			rule, _, _ = strings.Cut(cases[0], "/")
		}
		progress := newProgress(e.stderr, c.name()+": "+s.fault, c.Verbose, plainInterval)
		options := c.settings.options()
		if rule != "" && c.Budget == conformance.Short {
			// What is wrong ends the case when it shows: on a slow machine that may take longer.
			options = append(options, conformance.WithBudget(conformance.Full))
		}
		report, err := conformance.CheckPeer(ctx, peer, append(options, conformance.WithRules(cases...), conformance.WithProgress(progress.tell))...)
		progress.end()
		var broke *conformance.PeerError
		switch {
		case errors.As(err, &broke), err == nil && ctx.Err() != nil:
			e.complain("%v", errors.Join(err, ctx.Err()))
			return exitInconclusive
		case err != nil:
			return e.usage("%s", shorter(err))
		}
		text, right := foundOf(rule, report)
		if !right {
			code = exitViolates
		}
		code = e.print(fmt.Sprintf("%-8s %s\n", s.fault, text), code)
	}
	return code
}

// foundOf says what was found of a queue, and whether that is right.
func foundOf(rule string, r *conformance.Report) (text string, right bool) {
	var steered, played, other, open []string
	for _, res := range r.Rules {
		for _, c := range res.Cases {
			switch {
			case c.Verdict == conformance.Inconclusive:
				open = append(open, c.Case+" is inconclusive: "+c.Detail)
			case c.Failure == nil:
			case c.Failure.Rule != rule && (c.Failure.Rule != "META-2" || rule != "SYN-1"): // which needs a Do that waits
				other = append(other, c.Case+" fails")
			case c.Failure.Program != nil:
				played = append(played, c.Case)
			default:
				steered = append(steered, c.Case)
			}
		}
	}
	plays := r.Peer.Programs == "played" && rule != "SYN-1" // no program shows when a Do returns
	switch {
	case rule == "" && len(other)+len(open) == 0:
		return "passes", true
	case rule == "":
		return "WRONG: nothing is wrong with this queue, and " + strings.Join(append(other, open...), ", "), false
	case (len(steered) == 0 || plays) && len(played) == 0 && len(open) > 0: // so nothing is said of the record
		return "NOT FOUND: " + strings.Join(open, ", "), false
	case len(steered) == 0 && len(played) == 0:
		return "NOT FOUND: no case of " + rule + " fails", false
	case plays && len(played) == 0:
		return "NOT FOUND by programs that the peer plays: its record hides it", false
	}
	return "found by " + strings.Join(append(steered, played...), ", "), true
}
