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

// againstDo compares a variant of Do, by one goroutine on an idle object, with Do on an
// object without options, and with more sides.
func againstDo(name string, variant side, g goals, allocs *float64, more ...side) Workload {
	return versus{name: name, batch: 1, own: variant, peers: append([]side{doSide(plainDo)}, more...), goals: g, allocs: allocs}
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

// doContext measures a call with a context that cannot end. The job gets a context that
// records the held objects, and may keep it. So the call must allocate at least a context
// of two more words.
func doContext() Workload {
	background := func() (context.Context, context.CancelFunc) { return context.Background(), func() {} }
	return contextDo("DoContext, idle object, Background", background, 2.2)
}

// doCancelable is the same with a context that could end.
func doCancelable() Workload {
	cancelable := func() (context.Context, context.CancelFunc) { return context.WithCancel(context.Background()) }
	return contextDo("DoContext, idle object, cancelable", cancelable, 2.6)
}

func contextDo(name string, open func() (context.Context, context.CancelFunc), most float64) Workload {
	return againstDo(name, side{"desync DoContext", func(n int) (func(), func() []int) {
		d := desync.New(subject.State{})
		ctx, cancel := open()
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
	}}, goals{plainDo: {most, doAndAllocation}}, new(1.0), allocatingSide())
}

// heldContext is a context that records what is held.
type heldContext struct {
	context.Context
	held any
}

// allocatingSide is Do with a job that makes a context and lets it escape.
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

// optionsDo measures what options cost an object without an observer.
func optionsDo() Workload {
	return againstDo("Do, object with options", doSide("desync with a name", desync.WithName("bench")), nil, nil)
}

func ranOf(d *desync.Desync[subject.State]) int {
	return d.Sync(func(s *subject.State) int { return s.Ran })
}
