package conformance

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// crashCases returns cases of PAN-3 for cells that end the process, one for each kind of
// value. The seed chooses the call and the state.
func crashCases() (cases []testCase) {
	for _, c := range []struct {
		name string
		end  endKind
	}{
		{"crash-error", endError}, {"crash-struct", endStruct}, {"crash-pointer", endPointer}, {"crash-nil", endNil},
	} {
		cases = append(cases, testCase{name: c.name, child: true, run: crashInCell(c.end), judge: crashedWith(c.end)})
	}
	return cases
}

func crashInCell(end endKind) func(*trial) {
	return func(t *trial) {
		rng := rand.New(rand.NewPCG(t.subject.o.seed, uint64(end)))
		c := cell{call: callAsync, end: end, next: callDo}
		if t.has(FeatureClose) && rng.IntN(2) == 0 {
			c.call = callSubmit
		}
		has := func(f Feature) bool { return f == FeaturePanicHandler || t.has(f) } // the cell has no handler
		for c.state = stateKind(rng.IntN(len(stateTable))); !c.possible(has); {
			c.state = stateKind(rng.IntN(len(stateTable)))
		}
		r := newCellRun(t, c)
		r.o, r.also, r.from = t.object(), t.object(), t.object()
		within, release := r.enter()
		called := r.start(func() {
			within(func() {
				r.first.make(c.call, nil, r.o, r.also, func() int { crashNow(end.value()); return 0 })
			})
		})
		t.patience(called)
		r.free.Store(true)
		release()
		t.expect("a panic in a background job ends the process")
		t.comes(nil)
		t.fatal("a panic in a background job ends the process", "the process lives, in the cell: %v", c)
	}
}

// crashNow is what the stack of such a crash must show.
//
//go:noinline
func crashNow(v any) { panic(v) }

// crashedWith judges a child process that ended in the middle of the case.
func crashedWith(end endKind) func(outcome) string {
	text := thrown
	if end == endNil {
		text = "panic called with nil argument"
	}
	return func(o outcome) (what string) {
		switch {
		case o.err == nil:
			return "the process ended with exit code 0"
		case !strings.Contains(o.output, "panic: ") || !strings.Contains(o.output, text):
			return fmt.Sprintf("the process ended (%v), but not with the panic's own value, which reads %q", o.err, text)
		case !strings.Contains(o.output, "conformance.crashNow"):
			return "the process ended with the panic's value, but without the stack of the job"
		}
		return ""
	}
}
