package conformance

import (
	"fmt"
	"runtime"
	"sync/atomic"
)

// waitingSizes has many callers wait at once. Some get their turn, more come than those
// were, and then all the rest.
func waitingSizes(t *trial) {
	t.sweep("waiting callers", 1<<8, mostWaiting, func(n int) {
		o := t.object()
		var c callers
		turns := make(chan struct{}, n) // one is taken by each job
		g := t.hold(o)
		take := 1 + n/3
		some := make(chan struct{})
		call := func(i int) {
			job := func(*State) {
				select {
				case <-turns:
				case <-t.ctx.Done():
				}
				if c.ran.Add(1) == int64(take) {
					close(some)
				}
			}
			if i%2 == 1 && t.has(FeatureCancel) {
				_ = o.(Canceler).DoContext(t.ctx, job)
			} else {
				o.Do(job)
			}
		}
		c.start(t, n, call)
		for range take {
			turns <- struct{}{}
		}
		g.open()
		c.all(t, some, take, "some of the callers that wait get their turn")
		c.start(t, take+2, call)
		close(turns)
		c.all(t, c.done(), n+take+2, "each caller that waits gets its turn, with %d that wait, some that got it, and as many that came and two more", n)
		t.fence(o)
		t.closeSince(0)
	})
}

// callers are goroutines that wait for an object.
type callers struct {
	called, returned, ran atomic.Int64
	dones                 []<-chan struct{}
}

// start starts some more, and lets them call: most of them wait then.
func (c *callers) start(t *trial, n int, call func(i int)) {
	before := len(c.dones)
	for i := range n {
		c.dones = append(c.dones, t.goes(func() {
			c.called.Add(1)
			call(before + i)
			c.returned.Add(1)
		}))
	}
	for c.called.Load() < int64(len(c.dones)) && t.ctx.Err() == nil {
		runtime.Gosched()
	}
	Pause{Yields: 3}.pass()
}

// done is closed when all that have been started have returned.
func (c *callers) done() <-chan struct{} {
	all := make(chan struct{})
	go func() {
		defer close(all)
		for _, done := range c.dones {
			<-done
		}
	}()
	return all
}

// all fails unless so many jobs have run when done is closed.
func (c *callers) all(t *trial, done <-chan struct{}, jobs int, format string, args ...any) {
	came := t.comes(done)
	if got := c.ran.Load(); !came || got < int64(jobs) {
		t.fatal(fmt.Sprintf(format, args...), "%d of %d jobs ran, and %d of %d calls returned", got, jobs, c.returned.Load(), len(c.dones))
	}
}
