package retry

import (
	"context"
	"time"

	"github.com/go-desync/go-desync/adapters/internal/ended"
	"github.com/go-desync/go-desync/adapters/internal/object"
	"github.com/go-desync/go-desync/desync"
)

// Do waits for the job's turn on d, a plain object or a key of a [desync.Map], and runs it on
// the calling goroutine, as [desync.Desync.DoContext] does. If it returns an error, it is tried
// again as the policy says. Do returns nil as soon as an attempt has returned nil, or else an
// [*Error] of the last attempt.
//
// If ctx ends during a pause, or with [Policy.GiveBack] before the next turn, the job is not
// tried again. If it ends before the first turn, the job never runs and the error is that of
// DoContext, which matches [desync.ErrNotRun].
//
// Every attempt gets a context derived from ctx, which records that the job holds d; see
// DoContext. A panic of the job or of the function Pause is not tried again: it goes to the
// caller, and runtime.Goexit ends the calling goroutine. Either way the object goes on.
//
// Do panics if ctx, d or job is nil or p.Attempts is negative.
func Do[T any](ctx context.Context, p Policy, d desync.Object[T], job func(ctx context.Context, data *T) error) error {
	p.check("Do")
	if ctx == nil || object.IsNil(d) || job == nil {
		panic("retry: Do: the context, the object and the job must not be nil")
	}
	if p.GiveBack {
		return p.doAgain(ctx, func() (ran bool, err error) {
			err = d.DoContext(ctx, func(ctx context.Context, data *T) error {
				ran = true
				return job(ctx, data)
			})
			return ran, err
		})
	}
	return d.DoContext(ctx, func(ctx context.Context, data *T) error {
		return p.doAgain(ctx, func() (bool, error) { return true, job(ctx, data) })
	})
}

// Run calls attempt on the calling goroutine, and again as the policy says, until it returns nil.
// It is for the jobs of other calls, such as those of a bound, a limit or a group: in a job, the
// object is held through the pauses. The error is that of [Do]. If ctx ends, attempt is not
// called again; if it has ended before the call, attempt is called once all the same, as the job
// has its turn.
//
// Run panics if ctx or attempt is nil, p.Attempts is negative or p.GiveBack is set: the object
// is not its own to give back.
func (p Policy) Run(ctx context.Context, attempt func(ctx context.Context) error) error {
	p.check("Run")
	if ctx == nil || attempt == nil {
		panic("retry: Run: the context and the function must not be nil")
	}
	if p.GiveBack {
		panic("retry: Run: the policy gives the object back, which only Do and Future can")
	}
	return p.doAgain(ctx, func() (bool, error) { return true, attempt(ctx) })
}

// doAgain calls attempt until that succeeds or is not to be called again.
func (p Policy) doAgain(ctx context.Context, attempt func() (ran bool, err error)) error {
	var failed *Error
	for n := 1; ; n++ {
		ran, err := attempt()
		switch {
		case !ran && failed != nil: // the context has ended before this turn
			failed.ended = err
			return failed
		case !ran || err == nil:
			return err
		}
		failed = &Error{Attempts: n, Err: err}
		if p.last(n, err) {
			return failed
		}
		if failed.ended = sleep(ctx, p.pause(n)); failed.ended != nil {
			return failed
		}
	}
}

// sleep returns nil after the time d, or an error when ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	if d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
	}
	if ctx.Err() != nil {
		return notAgain(ctx)
	}
	return nil
}

func notAgain(ctx context.Context) error {
	return ended.Error(ctx, "the context ended before the next attempt")
}
