package pipe

import (
	"context"

	"github.com/go-desync/go-desync/futures"
)

// Chan starts the stage and returns a channel of its results, for use in a select
// statement, or to let the stage work ahead of its reader. The results are those of
// [Stage.All] in the same order: an error comes in the place of its item. The channel is
// closed after the last.
//
// The stage begins at once, on its own goroutines, and goes on until depth results wait;
// up to two more are on their way to the reader. The reader must receive until the
// channel is closed, or cancel ctx when it stops reading. When ctx ends, no more items
// are taken from the source and no job begins. When the running job, if any, has ended
// and the source has returned, the channel is closed and no goroutine is left, whether or
// not the results are received. Results that were ready by then may be dropped. The last
// result is a [*StoppedError]; its number of jobs that have run includes the jobs of
// dropped results.
//
// If only the context of the stage ends, results that are ready still come, as with All.
//
// Chan does not block. It panics if ctx is nil.
func (s *Stage[Out]) Chan(ctx context.Context) <-chan futures.Result[Out] {
	if ctx == nil {
		panic("pipe: Chan: the context is nil")
	}
	ctx, cancel := context.WithCancelCause(ctx) // its methods cannot fail
	f, release := s.open(ctx)
	c := make(chan futures.Result[Out], 1)
	end := func() {
		defer close(c) // also if the user's context fails here
		defer cancel(nil)
		release()
	}
	if f.ctx.Err() != nil {
		c <- futures.Result[Out]{Err: stopped(f.ctx, 0, 0, nil)}
		end()
		return c
	}
	f.link(ctx, s.ctx.Done() != nil || ctx.Done() != nil)
	stopWatch := f.watchContext()
	go s.start(f, s.byCompletion)()
	go func() {
		defer end()
		defer stopWatch()
		all := true
		f.deliver(func(v Out, err error) bool {
			select {
			case c <- futures.Result[Out]{Value: v, Err: err}:
			case <-ctx.Done():
				all = false
			}
			return all
		})
		if !all {
			// No other goroutine sends, so there is room when one was taken back.
			select {
			case <-c:
			default:
			}
			run, notRun := f.counts()
			c <- futures.Result[Out]{Err: stopped(ctx, run, notRun, f.leftOver())}
		}
	}()
	return c
}
