package subject

import (
	"sync"

	"github.com/samber/mo"
)

// Mo is the future of samber/mo. It keeps no order; a mutex keeps its jobs apart.
type Mo struct{}

// Name implements [Subject].
func (Mo) Name() string { return "samber/mo future" }

// Module implements [Library].
func (Mo) Module() string { return "github.com/samber/mo" }

// New implements [Subject].
func (Mo) New() Object { return new(moObject) }

// Lacks implements [Subject].
func (Mo) Lacks() Reasons {
	const one = "it is a future and nothing else: the function runs at once, on a goroutine of its own"
	return Reasons{
		Do: one, Sync: one, Async: one, RoundTrip: one, Cancel: one,
		Order: one, Background: one, Again: one, Unbounded: one,
	}
}

type moObject struct {
	mu sync.Mutex
	s  State
}

func (o *moObject) future(job func(*State) int) *mo.Future[int] {
	return mo.NewFuture(func(resolve func(int), _ func(error)) {
		o.mu.Lock()
		defer o.mu.Unlock()
		resolve(job(&o.s))
	})
}

func (o *moObject) Await(n int) (right int) {
	for i := range n {
		later := o.future(func(s *State) int {
			s.Ran++
			s.Last = i
			return s.Last
		})
		if last, err := later.Collect(); err == nil && last == i {
			right++
		}
	}
	return right
}

func (o *moObject) Give(job func(*State)) {
	_, _ = o.future(func(s *State) int { job(s); return 0 }).Collect()
}

func (o *moObject) Wait() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.s.Ran
}

func (o *moObject) Close() {}
