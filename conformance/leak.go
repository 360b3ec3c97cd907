package conformance

import (
	"fmt"
	"slices"
	"strings"

	"go.uber.org/goleak"

	"github.com/go-desync/go-desync/conformance/internal/standstill"
)

// leaks notes the goroutines that exist now. The function that it returns
// looks for others, which a case left behind, if the implementation claims Idle.
func (r *runner) leaks() func(testCase) *CaseResult {
	if r.o.inChild || !r.usable(FeatureIdle) {
		return func(testCase) *CaseResult { return nil }
	}
	look := r.lookForLeaks()
	return func(c testCase) *CaseResult {
		left := look()
		if len(left) == 0 {
			return nil
		}
		return &CaseResult{
			Case: "LEAK-1/after-" + c.id(), Rule: "LEAK-1", Verdict: Fail,
			Detail: "LEAK-1: a goroutine is left after " + c.id(),
			Failure: &Failure{
				Rule:    "LEAK-1",
				Message: fmt.Sprintf("LEAK-1: expected: no goroutines are left when the objects of a case are idle\n  happened: after %s, %d of them", c.id(), len(left)),
				Again:   r.again(c),
				Dump:    standstill.Show(left),
			},
		}
	}
}

// lookForLeaks notes the goroutines that exist now. The function that it returns
// returns others, those of a shared pool aside. It gives what is about to end the
// time for it: goleak looks for about half a second, and does so a few times.
func (r *runner) lookForLeaks() func() []standstill.Goroutine {
	before := standstill.TakeCensus()
	opts := []goleak.Option{goleak.IgnoreCurrent()}
	for _, name := range r.f.LeakIgnore {
		opts = append(opts, goleak.IgnoreAnyFunction(name))
	}
	return func() []standstill.Goroutine {
		for range int(4 * r.slowdown) {
			if goleak.Find(opts...) == nil {
				return nil
			}
		}
		return slices.DeleteFunc(before.Since(), func(g standstill.Goroutine) bool {
			return slices.ContainsFunc(r.f.LeakIgnore, func(name string) bool { return strings.Contains(g.Stack, name+"(") })
		})
	}
}
