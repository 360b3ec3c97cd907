package cond

import (
	"container/list"
	"context"
	"sync"

	"github.com/go-desync/go-desync/adapters/internal/object"
	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

// A Cond lets jobs of an object wait until its data satisfies a condition. It may be used by
// several goroutines at once, and any number of Conds may be on one object: each looks after
// its own jobs. Make it with [New].
type Cond[T any] struct {
	d desync.Object[T]

	mu   sync.Mutex
	line list.List // of *waiter[T], those whose condition did not hold yet
}

// New returns a Cond for the object d, a plain one or a key of a [desync.Map]. It panics if d
// is nil.
func New[T any](d desync.Object[T]) *Cond[T] {
	if object.IsNil(d) {
		panic("cond: New: the object must not be nil")
	}
	return &Cond[T]{d: d}
}

// When queues a job that runs as soon as the condition when holds, and returns a future of
// what it returns. It does not wait. The condition is looked at in the job's turn, which comes
// after everything that was handed over before, and then after every job that is given through
// the Cond. If it holds, the job runs in that same turn, before any other. If the conditions of
// several jobs hold, the first in the order of the calls runs, and then it is looked again.
//
// If ctx ends before the job begins, or has ended before the call, the job never runs and the
// future fails at once, with an error that matches [desync.ErrNotRun], ctx.Err() and
// context.Cause(ctx). A job that has begun gets ctx, and the future what it returns. The
// context does not record which object the job holds.
//
// The condition and the job run on the goroutine whose turn it is, which may be that of another
// caller of [Cond.Do]. A panic or runtime.Goexit in one of them is an error of the future only:
// a [*futures.PanicError] or [futures.ErrGoexit]. But a Goexit also ends the goroutine, so do
// not call it. The condition must not change the data, and neither may wait for the object.
//
// When panics if ctx, when or job is nil.
func (c *Cond[T]) When[R any](ctx context.Context, when func(data *T) bool, job func(ctx context.Context, data *T) (R, error)) *futures.Future[R] {
	if ctx == nil || when == nil || job == nil {
		panic("cond: When: the context, the condition and the job must not be nil")
	}
	p := new(futures.Promise[R])
	if ctx.Err() != nil {
		return futures.Rejected[R](notRun(ctx))
	}
	w := &waiter[T]{cond: c, ctx: ctx, when: when, code: job}
	w.job = func(data *T) error {
		r, err := job(ctx, data)
		if err == nil {
			p.Resolve(r)
		}
		return err
	}
	w.settle = func(err error) {
		if err != nil {
			p.Reject(err)
		}
	}
	w.queue(c.d)
	return p.Future()
}

// Async is [desync.Desync.Async] of the object, followed by a look at the conditions in the
// same turn. It panics if job is nil.
func (c *Cond[T]) Async(job func(data *T)) {
	if job == nil {
		panic("cond: Async: the job must not be nil")
	}
	c.d.Async(func(data *T) {
		defer c.Check(data)
		job(data)
	})
}

// Do is [desync.Desync.Do] of the object, followed by a look at the conditions in the same
// turn, even if the job panics. It panics if job is nil.
func (c *Cond[T]) Do(job func(data *T)) {
	if job == nil {
		panic("cond: Do: the job must not be nil")
	}
	c.d.Do(func(data *T) {
		defer c.Check(data)
		job(data)
	})
}

// DoContext is [desync.Desync.DoContext] of the object, followed by a look at the conditions
// in the same turn, if the job has run. It panics if ctx or job is nil.
func (c *Cond[T]) DoContext(ctx context.Context, job func(ctx context.Context, data *T) error) error {
	if ctx == nil || job == nil {
		panic("cond: DoContext: the context and the job must not be nil")
	}
	return c.d.DoContext(ctx, func(ctx context.Context, data *T) error {
		defer c.Check(data)
		return job(ctx, data)
	})
}

// Look queues a look at the conditions, for changes that were not made through the Cond, and
// returns at once.
func (c *Cond[T]) Look() {
	if c.waiting() > 0 {
		c.d.Async(c.Check)
	}
}

// Check looks at the conditions at once. It is for jobs of the object that were not given
// through the Cond, which pass on their data as their last step. Elsewhere it is a data race.
func (c *Cond[T]) Check(data *T) {
	for again := c.waiting() > 0; again; {
		again = false
		for _, w := range c.snapshot() {
			if w.try(data) {
				again = true // the job may have changed what others wait for
				break
			}
		}
	}
}

func (c *Cond[T]) waiting() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.line.Len()
}

func (c *Cond[T]) snapshot() (all []*waiter[T]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for e := c.line.Front(); e != nil; e = e.Next() {
		all = append(all, e.Value.(*waiter[T]))
	}
	return all
}
