package conformance

import "go.uber.org/goleak"

// leaks notes the goroutines that exist now. The function that it returns
// looks for others, which a case left behind, if the implementation claims Idle.
func (r *runner) leaks() func(testCase) *CaseResult {
	if r.o.inChild || !r.usable(Idle) {
		return func(testCase) *CaseResult { return nil }
	}
	opts := r.leakOptions()
	return func(c testCase) *CaseResult {
		err := r.findLeak(opts)
		if err == nil {
			return nil
		}
		return &CaseResult{
			Case: "LEAK-1/after-" + c.id(), Rule: "LEAK-1", Verdict: Fail,
			Detail: "LEAK-1: a goroutine is left after " + c.id(),
			Failure: &Failure{
				Rule:    "LEAK-1",
				Message: "LEAK-1: expected: no goroutine is left when the objects of a case are idle\n  happened: after " + c.id() + ": " + err.Error(),
				Again:   r.again(c),
			},
		}
	}
}

// leakOptions makes goleak ignore the goroutines of now and of a shared pool.
func (r *runner) leakOptions() []goleak.Option {
	opts := []goleak.Option{goleak.IgnoreCurrent()}
	for _, name := range r.f.LeakIgnore {
		opts = append(opts, goleak.IgnoreAnyFunction(name))
	}
	return opts
}

// findLeak gives goroutines that are about to end the time for it: goleak looks
// for about half a second, and does so a few times.
func (r *runner) findLeak(opts []goleak.Option) (err error) {
	for range int(4 * r.slowdown) {
		if err = goleak.Find(opts...); err == nil {
			return nil
		}
	}
	return err
}
