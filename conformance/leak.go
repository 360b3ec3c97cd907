package conformance

import (
	"slices"
	"strings"

	"go.uber.org/goleak"

	"github.com/go-desync/go-desync/conformance/internal/standstill"
)

// leaks is lookForLeaks between cases. It finds nothing if the implementation does not
// claim that idle objects own no goroutine, nor in a child process, which ends anyway.
func (s *subject) leaks() func() []standstill.Goroutine {
	if s.o.inChild || s.remote != nil || !s.has(FeatureIdle) {
		return func() []standstill.Goroutine { return nil }
	}
	return s.lookForLeaks()
}

// lookForLeaks notes the goroutines that exist now. The function that it returns
// returns others, those of a shared pool aside. It gives what is about to end the
// time for it: goleak looks for about half a second, and does so a few times.
func (s *subject) lookForLeaks() func() []standstill.Goroutine {
	before := standstill.TakeCensus()
	opts := []goleak.Option{goleak.IgnoreCurrent()}
	for _, name := range s.f.LeakIgnore {
		opts = append(opts, goleak.IgnoreAnyFunction(name))
	}
	return func() (left []standstill.Goroutine) {
		for range int(4 * s.slowdown) {
			if goleak.Find(opts...) == nil {
				return nil
			}
			// Goleak knows functions by their whole names, and not by the ends of them.
			left = slices.DeleteFunc(before.Since(), func(g standstill.Goroutine) bool {
				return slices.ContainsFunc(s.f.LeakIgnore, func(name string) bool { return strings.Contains(g.Stack, name+"(") })
			})
			if len(left) == 0 {
				return nil
			}
		}
		return left
	}
}
