package pipe

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/go-desync/go-desync/adapters/internal/attempt"
)

// An intake is the side of a pipe that takes items and runs their jobs. A goroutine, the
// feeder, takes the items of the source while there is room for them. Jobs begin unless
// the context has ended. The owner of the intake waits until the feeder and the jobs have
// ended.
type intake struct {
	ctx   context.Context
	depth int
	fed   chan struct{} // closed when the source has returned

	// The sides are used at the same time, so they have no cache line in common.
	_ [64]byte

	// Of the feeder. The owner reads the numbers when over is set, and the rest when
	// fed is closed.
	taken     int   // items, without those that are errors
	passed    int   // errors of the source, and items for which no job could be queued
	freed     int   // items that need no room any more, as far as the feeder knows
	exhausted bool  // the source has no more
	left      int   // items that stages before this one have taken and that did not arrive
	fault     error // the panic or Goexit of the source
	places

	_ [64]byte

	started, ended atomic.Int64 // jobs; started may be too high for a moment
	over           atomic.Bool  // no more is taken
	room           signal       // to the feeder: less room is needed, or the context has ended
	ready          signal       // to the owner: a job, the feeder or the context has ended

	watch watch
	stuck bool // of the owner: waiting for the jobs has failed; see watchEnd

	_ [64]byte
}

func newIntake(ctx context.Context, depth int) intake {
	return intake{ctx: ctx, depth: depth, fed: make(chan struct{}), room: newSignal(), ready: newSignal()}
}

// watchContext makes the end of the context wake both sides, until stop is called.
func (in *intake) watchContext() (stop func() bool) {
	return context.AfterFunc(in.ctx, func() {
		in.room.notify()
		in.ready.notify()
	})
}

// feedInto runs the feeder on the calling goroutine. put gets the items with their
// numbers, and hands over the jobs; freed returns how many need no room any more.
func feedInto[V any](in *intake, src feed[V], put func(n int, v V, err error), freed func() int) {
	proceed := func() bool {
		in.freed = freed()
		return in.taken+in.passed-in.freed < in.depth || in.ctx.Err() != nil
	}
	attempt.Run(func() error {
		defer in.hold()()
		in.exhausted, in.left = src(in.sourceContext(), func(v V, err error) bool {
			n := in.taken + in.passed
			if err != nil {
				in.passed++
			} else {
				in.taken++
			}
			put(n, v, err)
			// Wait for the room of the next item before the source is asked for
			// it, so that never more than depth are taken.
			if n+1-in.freed == in.depth { // perhaps: in.freed may be out of date
				in.room.wait(proceed, unwatched)
			}
			return in.ctx.Err() == nil
		})
		return nil
	}, func(err error) {
		in.fault = err
		in.over.Store(true)
		close(in.fed)
		in.ready.notify()
	})
}

// begin reports whether a job may run. If so, end must follow. The job announces itself
// before it looks at the context, and wait looks for jobs after the context has ended. So
// wait misses no job that begins.
func (in *intake) begin() bool {
	in.started.Add(1)
	if in.ctx.Err() == nil {
		return true
	}
	in.started.Add(-1)
	in.ready.notify()
	return false
}

func (in *intake) end() {
	in.ended.Add(1)
	in.ready.notify()
}

// wait returns when the source has returned and no job runs. The context must have
// ended, so that none begins afterwards, or all items must have been run.
func (in *intake) wait() {
	if in.stuck {
		return
	}
	<-in.fed
	in.ready.wait(func() bool { return in.ended.Load() == in.started.Load() }, in.watchEnd)
}

// counts returns how many items were run, and how many taken and not run. It is
// valid after wait.
func (in *intake) counts() (run, notRun int) {
	run = int(in.ended.Load())
	return run, in.taken - run + in.left
}

// leftOver returns the items that were taken and not run. It is valid after wait.
func (in *intake) leftOver() []any {
	if in.stuck {
		return nil // jobs still run
	}
	return in.unrun()
}

// leave gives up all places, and keeps the items that have not run.
func (in *intake) leave() {
	in.items = in.leftOver()
	in.giveUp()
}

// outcome returns why the pipe ended before its source did, or nil. It is valid after
// wait.
func (in *intake) outcome() error {
	run, notRun := in.counts()
	var err error
	if in.ctx.Err() != nil && (notRun > 0 || !in.exhausted) {
		err = stopped(in.ctx, run, notRun, in.leftOver())
	}
	switch {
	case in.fault == nil:
		return err
	case notRun == 0:
		return in.fault
	}
	return errors.Join(in.fault, err)
}
