package retry

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/go-desync/go-desync/adapters/internal/attempt"
	"github.com/go-desync/go-desync/adapters/internal/ended"
	"github.com/go-desync/go-desync/adapters/internal/object"
	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

// Future queues a job on d, a plain object or a key of a [desync.Map], and returns a future of
// what it returns. If the job returns an error, it is tried again as the policy says. The
// future fails with an [*Error] of the last attempt.
//
// If ctx ends during a pause, or before the next turn, the job is not tried again. If it ends
// before the first turn, the job never runs, and the future fails at once with an error that
// matches [desync.ErrNotRun], ctx.Err() and context.Cause(ctx).
//
// The context of the job is ctx; it does not record which object the job holds. A panic of the
// job or of the function Pause is not tried again: the future fails with a
// [*futures.PanicError], and after a runtime.Goexit with [futures.ErrGoexit].
//
// While it holds the object through a pause, the job keeps a goroutine. With [Policy.GiveBack]
// it keeps none.
//
// Future panics if ctx, d or job is nil or p.Attempts is negative.
func Future[T, R any](ctx context.Context, p Policy, d desync.Object[T], job func(ctx context.Context, data *T) (R, error)) *futures.Future[R] {
	p.check("Future")
	if ctx == nil || object.IsNil(d) || job == nil {
		panic("retry: Future: the context, the object and the job must not be nil")
	}
	t := &task[T, R]{ctx: ctx, policy: p, d: d, job: job}
	if ctx.Err() != nil {
		return futures.Rejected[R](t.notRun())
	}
	t.submit()
	if ctx.Done() != nil {
		forget := context.AfterFunc(ctx, t.cancel)
		t.Promise.Future().AfterFunc(func(R, error) { forget() })
	}
	return t.Promise.Future()
}

// A task is the job of a Future. Its mutex guards waiting and stop: while it waits, for its
// turn or for the end of a pause, either that or the end of the context comes first. Whoever
// sets waiting to nil decides, and owns the rest.
type task[T, R any] struct {
	futures.Promise[R]
	ctx    context.Context
	policy Policy
	d      desync.Object[T]
	job    func(context.Context, *T) (R, error)

	mu      sync.Mutex
	waiting *turn[T, R]
	stop    func() bool // ends the wait

	failed *Error // of the last attempt, or nil
}

// A turn is a place in the queue of the object.
type turn[T, R any] struct {
	task *task[T, R]
	ran  bool
}

// submit queues the next attempt. If it does not return, the future fails.
func (t *task[T, R]) submit() {
	u := &turn[T, R]{task: t}
	t.wait(u, nil)
	t.stopBy(u, t.d.Submit(u))
}

func (t *task[T, R]) wait(u *turn[T, R], stop func() bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.waiting, t.stop = u, stop
}

// stopBy notes how the wait for u ends, if it has not ended.
func (t *task[T, R]) stopBy(u *turn[T, R], stop func() bool) {
	t.mu.Lock()
	late := t.waiting != u
	if !late {
		t.stop = stop
	}
	t.mu.Unlock()
	if late {
		stop() // it does nothing if the turn has come
	}
}

// claim reports whether the caller has ended the wait for u; nil is any.
func (t *task[T, R]) claim(u *turn[T, R]) (stop func() bool, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.waiting == nil || u != nil && t.waiting != u {
		return nil, false
	}
	stop = t.stop
	t.waiting, t.stop = nil, nil
	return stop, true
}

// cancel is called when the context has ended.
func (t *task[T, R]) cancel() {
	stop, ok := t.claim(nil)
	if !ok {
		return // the job runs: it looks at the context itself
	}
	defer t.end()
	if stop != nil {
		stop()
	}
}

// end settles the future when the context has ended.
func (t *task[T, R]) end() {
	if t.failed == nil {
		t.Reject(t.notRun())
		return
	}
	t.failed.ended = notAgain(t.ctx)
	t.Reject(t.failed)
}

func (t *task[T, R]) notRun() error {
	return ended.Error(t.ctx, "retry: the context ended before the job's turn", desync.ErrNotRun)
}

// Run tries the job, once or until it is over.
func (u *turn[T, R]) Run(data *T) {
	t := u.task
	if _, u.ran = t.claim(u); !u.ran {
		return
	}
	again := false
	attempt.Run(func() error {
		if t.ctx.Err() != nil {
			t.end()
			return nil
		}
		var err error
		again, err = t.try(data)
		return err
	}, func(err error) {
		if err != nil {
			t.Reject(err)
		}
	})
	if again {
		t.later()
	}
}

// try tries the job, again and again unless the object is given back. It reports whether
// another turn is needed.
func (t *task[T, R]) try(data *T) (again bool, err error) {
	attempt := func() (bool, error) {
		r, err := t.job(t.ctx, data)
		if err == nil {
			t.Resolve(r)
		}
		return true, err
	}
	if !t.policy.GiveBack {
		return false, t.policy.doAgain(t.ctx, attempt)
	}
	if _, err := attempt(); err != nil {
		n := 1
		if t.failed != nil {
			n = t.failed.Attempts + 1
		}
		t.failed = &Error{Attempts: n, Err: err}
		if t.policy.last(n, err) {
			return false, t.failed
		}
		return true, nil
	}
	return false, nil
}

// later queues the next attempt after the pause.
func (t *task[T, R]) later() {
	attempt.Run(func() error {
		d := t.policy.pause(t.failed.Attempts)
		if d <= 0 {
			t.submitOrEnd()
			return nil
		}
		u := new(turn[T, R])
		t.wait(u, nil)
		timer := time.AfterFunc(d, func() {
			if _, ok := t.claim(u); ok {
				attempt.Run(func() error { t.submitOrEnd(); return nil }, t.broken)
			}
		})
		t.stopBy(u, timer.Stop)
		if t.ctx.Err() != nil {
			t.cancel() // it has ended before there was a wait that it could end
		}
		return nil
	}, t.broken)
}

func (t *task[T, R]) submitOrEnd() {
	t.submit()
	if t.ctx.Err() != nil {
		t.cancel()
	}
}

// broken fails the future because a function of the user's did not return.
func (t *task[T, R]) broken(err error) {
	if err != nil {
		t.claim(nil)
		t.Reject(errors.Join(err, t.failed))
	}
}

// Func is for observers of the object.
func (u *turn[T, R]) Func() any { return u.task.job }

// Ended is called with an error if the value of a key could not be made.
func (u *turn[T, R]) Ended(err error) {
	if err == nil || u.ran {
		return
	}
	if _, ok := u.task.claim(u); ok {
		u.task.Reject(err)
	}
}
