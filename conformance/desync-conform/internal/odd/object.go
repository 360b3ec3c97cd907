package odd

import (
	"context"
	"runtime/pprof"
	"sync"
	"sync/atomic"

	"github.com/go-desync/go-desync/conformance"
	"github.com/go-desync/go-desync/conformance/desync-conform/internal/promise"
)

// A line gives one place after the other the turn, in the order in which they were
// taken.
type line interface {
	// enter takes a place. Granted is called at its turn, on any goroutine; it does
	// not block.
	enter(granted func())

	// leave ends the turn.
	leave()
}

// An object is a line with the methods that the suite calls.
type object struct {
	line
	start func(func())      // runs a background job, whose turn has come
	state conformance.State // of who has the turn
}

// fresh starts a goroutine for each job.
func fresh(f func()) { go f() }

// background takes a place for a job.
func (o *object) background(f func()) {
	o.enter(func() {
		o.start(func() {
			defer o.leave()
			pprof.SetGoroutineLabels(context.Background())
			f()
		})
	})
}

func (o *object) Async(job func(*conformance.State)) {
	o.background(func() { job(&o.state) })
}

func (o *object) Do(job func(*conformance.State)) {
	turn := make(chan struct{})
	o.enter(func() { close(turn) })
	<-turn
	defer o.leave()
	job(&o.state)
}

func (o *object) Future(job func(*conformance.State) int) conformance.Wait {
	p := promise.New()
	o.background(func() { p.Run(func() int { return job(&o.state) }) })
	return p.Wait
}

// After waits on a goroutine of its own: those that run jobs may be few.
func (o *object) After(job func(*conformance.State, int, error) int) (func(int, error), conformance.Wait) {
	in, out := promise.New(), promise.New()
	o.enter(func() {
		go func() {
			v, err := in.Wait(context.Background())
			o.start(func() {
				defer o.leave()
				pprof.SetGoroutineLabels(context.Background())
				out.Run(func() int { return job(&o.state, v, err) })
			})
		}()
	})
	return in.Settle, out.Wait
}

func (o *object) Suspend() (resume func()) {
	var met atomic.Int32
	meet := func() {
		if met.Add(1) == 2 { // the turn has come, and resume has been called
			go o.leave()
		}
	}
	o.enter(meet)
	return sync.OnceFunc(meet)
}
