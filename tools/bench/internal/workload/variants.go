package workload

import (
	"context"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/tools/bench/internal/subject"
)

const (
	plainDo         = "Do"
	doAndAllocation = "Do and an allocation"
)

// againstDo is a variant of Do, by one goroutine on an idle object, compared with Do on
// an object without options, and with more sides.
func againstDo(name string, variant side, g goals, more ...side) Workload {
	return versus{name: name, batch: 1, own: variant, peers: append([]side{doSide(plainDo)}, more...), goals: g}
}

// doSide is Do on an object with those options.
func doSide(name string, opts ...desync.Option) side {
	return side{name, func(n int) (func(), func() []int) {
		d := desync.New(subject.State{}, opts...)
		seen := 0
		run := func() {
			for i := range n {
				d.Do(func(s *subject.State) {
					s.Ran++
					s.Last = i
					seen++
				})
			}
		}
		return run, func() []int { return []int{seen, ranOf(d)} }
	}}
}

// doContext is a call with a context that could end but does not. The job gets a context
// of its own, which says what is held, and may keep it. So the least to allocate is a
// context with two words more.
func doContext() Workload {
	return againstDo("DoContext, idle object", side{"desync DoContext", func(n int) (func(), func() []int) {
		d := desync.New(subject.State{})
		ctx, cancel := context.WithCancel(context.Background())
		seen := 0
		run := func() {
			for i := range n {
				err := d.DoContext(ctx, func(_ context.Context, s *subject.State) error {
					s.Ran++
					s.Last = i
					return nil
				})
				if err == nil {
					seen++
				}
			}
		}
		return run, func() []int {
			cancel()
			return []int{seen, ranOf(d)}
		}
	}}, goals{plainDo: {1.5, doAndAllocation}}, allocatingSide())
}

// heldContext is a context that says what is held.
type heldContext struct {
	context.Context
	held any
}

// allocatingSide is Do with a job that allocates such a context.
func allocatingSide() side {
	return side{doAndAllocation, func(n int) (func(), func() []int) {
		d := desync.New(subject.State{})
		seen := 0
		var last context.Context
		run := func() {
			for i := range n {
				d.Do(func(s *subject.State) {
					last = &heldContext{context.Background(), d}
					s.Ran++
					s.Last = i
					seen++
				})
			}
		}
		return run, func() []int {
			if last == nil {
				return []int{0}
			}
			return []int{seen, ranOf(d)}
		}
	}}
}

// optionsDo is what options cost without an observer.
func optionsDo() Workload {
	return againstDo("Do, object with options", doSide("desync with a name", desync.WithName("bench")), nil)
}

func ranOf(d *desync.Desync[subject.State]) int {
	return d.Sync(func(s *subject.State) int { return s.Ran })
}
