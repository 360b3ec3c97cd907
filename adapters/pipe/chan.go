package pipe

import (
	"context"

	"github.com/go-desync/go-desync/futures"
)

// Chan starts the stage and returns a channel of its results, for use in a select
// statement, or to have the stage work ahead of its reader. They are those of
// [Stage.All] in the same order: an error comes in the place of its item. The channel is
// closed after the last.
//
// The stage begins at once, on goroutines of its own, and goes on until depth results
// wait; up to two more are on their way to the reader. A reader must receive until the
// channel is closed, or end ctx when it leaves. When ctx ends nothing more is taken from
// the source and no job begins; once the job that runs, if any, has ended and the source
// has returned, the channel is closed, and no goroutine is left, whether or not anybody
// receives. Results that were ready by then may be dropped. The last result that can be
// received is a [*StoppedError]: so many jobs have run as it says, those of the results
// that were dropped included.
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
		c <- futures.Result[Out]{Err: stopped(f.ctx, 0, 0)}
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
			// Nobody else sends, so there is room when one has been taken back.
			select {
			case <-c:
			default:
			}
			run, notRun := f.counts()
			c <- futures.Result[Out]{Err: stopped(ctx, run, notRun)}
		}
	}()
	return c
}
