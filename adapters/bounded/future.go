package bounded

import (
	"context"

	"github.com/go-desync/go-desync/adapters/internal/attempt"
	"github.com/go-desync/go-desync/futures"
)

// A future is that of a job that may be taken back when its context ends.
type future[R any] struct {
	futures.Promise[R]
	ctx context.Context
}

// run settles the future with what the job returns, unless the context has ended.
func (f *future[R]) run(job func() (R, error)) {
	var r R
	attempt.Run(func() (err error) {
		if f.ctx.Err() != nil { // the goroutine that is to take the job back is late
			return notRun(f.ctx, "the job's turn")
		}
		r, err = job()
		return err
	}, func(err error) {
		if err != nil {
			f.Reject(err)
		} else {
			f.Resolve(r)
		}
	})
}

// fail is for a job that has not run. A future that is settled stays so.
func (f *future[R]) fail(err error) {
	if err != nil {
		f.Reject(err)
	}
}

// watch takes the job back when the context ends.
func (f *future[R]) watch(takeBack func(err error)) {
	if f.ctx.Done() == nil {
		return
	}
	stop := context.AfterFunc(f.ctx, func() { takeBack(notRun(f.ctx, "the job's turn")) })
	f.Promise.Future().AfterFunc(func(R, error) { stop() })
}
