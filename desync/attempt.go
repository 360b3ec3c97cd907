package desync

import (
	"cmp"
	"runtime"
	"runtime/debug"

	"github.com/go-desync/go-desync/futures"
)

// How a user's function has ended: this is the one place in this package where a panic or
// Goexit becomes an error. Its twin in package futures is settle.go, that of the adapters
// is internal/attempt. Drain and Submit have their own way, because there a panic is not
// stopped, or one deferred call serves many jobs.

// settle settles p with what job returns, or with an error for its panic or Goexit. It
// tells these two apart as runJobs does.
func settle[R any](p *futures.Promise[R], job func() (R, error)) {
	var panicked error
	ended := false
	defer func() {
		if !ended {
			p.Reject(cmp.Or(panicked, futures.ErrGoexit)) // and the unwinding goes on
		}
	}()
	r, err := result(job, &panicked)
	ended = true
	p.Settle(r, cmp.Or(panicked, err))
}

// result returns what job returns, and sets panicked after a panic.
func result[R any](job func() (R, error), panicked *error) (r R, err error) {
	returned := false
	defer func() {
		if returned {
			return
		}
		v := recover()
		if v != nil {
			*panicked = &PanicError{Value: v, Stack: debug.Stack()}
		}
		// Seen only if result returns.
		err = &PanicError{Value: new(runtime.PanicNilError), Stack: debug.Stack()}
	}()
	r, err = job()
	returned = true
	return r, err
}

// guarded calls f, which runs the user's code on a goroutine that has no caller. A panic
// is handled like that of an Async job.
func (c *config) guarded(f func()) {
	h := c.handler()
	if h == nil {
		f()
		return
	}
	var panicked error
	_, err := result(func() (struct{}, error) { f(); return struct{}{}, nil }, &panicked)
	if p, ok := cmp.Or(panicked, err).(*PanicError); ok {
		go h(p)
	}
}
