package pipe

import (
	"context"
	"iter"

	"github.com/go-desync/go-desync/adapters/internal/object"
	"github.com/go-desync/go-desync/desync"
)

// A Stage is a step of a pipeline, made by [Through] or [ByKey]: items come in from a
// source, a job is run for each, and the results come out. It is only a description. It
// does nothing and holds nothing until its results are asked for, with [Stage.All], with
// [Stage.Chan] or as the source of another stage.
//
// A Stage may be used again, and by several goroutines, if its source may.
type Stage[Out any] struct {
	ctx          context.Context
	depth        int
	byCompletion bool
	start        func(f *flow[Out], byCompletion bool) (feeder func())
}

// Completed returns a stage whose results come out in the order in which their jobs end.
// This makes a difference if s was made by [ByKey]: the results of one key keep their
// order, but no result waits for a slower one of another key, and the source does not
// wait for the slowest key.
func (s *Stage[Out]) Completed() *Stage[Out] {
	c := *s
	c.byCompletion = true
	return &c
}

// All returns the results with their errors, each in the place of its item: the zero
// value and the error that its job returned; a [*futures.PanicError] if it panicked;
// [futures.ErrGoexit] if it called runtime.Goexit; or the source's error, for which
// no job is run. An error does not end the sequence.
//
// The loop blocks while the next result is not ready. Meanwhile one goroutine runs for
// each stage of the pipeline, and the jobs. Both end with the loop, however it ends:
// nothing more is taken from the source, no further job begins, and the loop returns when
// the running job, if any, has ended and the source has returned. The context of the jobs
// ends when the loop is left.
//
// If the context of the stage ends, results that are ready still come, and the last one
// is a [*StoppedError] that says how many items were taken and not run. If the source
// panics, a [*futures.PanicError] comes last. A loop that breaks gets neither: to stop
// early and learn the number, cancel the context and let the loop go on to its end.
func (s *Stage[Out]) All() iter.Seq2[Out, error] {
	return func(yield func(Out, error) bool) { s.run(context.Background(), yield) }
}

// run is the feed of the stage.
func (s *Stage[Out]) run(outer context.Context, yield func(Out, error) bool) (exhausted bool, left int) {
	f, release := s.open(outer)
	defer release()
	if f.ctx.Err() != nil {
		return yield(*new(Out), stopped(f.ctx, 0, 0, nil)), 0
	}
	f.link(outer, s.ctx.Done() != nil)
	defer f.watchContext()()
	go s.start(f, s.byCompletion)()
	return f.deliver(yield)
}

// open returns a flow that has not begun. Its context ends when the context of the stage
// or outer ends.
func (s *Stage[Out]) open(outer context.Context) (f *flow[Out], release func()) {
	ctx, cancel := context.WithCancelCause(s.ctx)
	stop := func() bool { return true }
	if outer.Err() != nil {
		cancel(context.Cause(outer)) // now, and not on a goroutine of its own
	} else if outer.Done() != nil {
		stop = context.AfterFunc(outer, func() { cancel(context.Cause(outer)) })
	}
	return newFlow[Out](ctx, cancel, s.depth), func() {
		stop()
		cancel(nil)
	}
}

// Through makes a stage whose jobs run on d, a plain object or a key of a [desync.Map]: one
// for each item of src, in their order. The results come out in the same order; see
// [Stage.All].
//
// At most depth items are in the stage: queued, running, or with a result that has
// not come out yet. While it is full the source waits, so that a slow consumer slows
// the whole pipeline down. With a depth of 1 the stage and its consumer run in turns;
// with 2 or more they run in parallel.
//
// The jobs run like those of [desync.Desync.Async], one at a time and between the other
// jobs of d. Their context is derived from ctx and ends with the loop. When ctx ends, no
// more items are taken and no job begins, even if d is busy with other jobs.
//
// Through itself neither blocks nor starts anything. It panics if ctx, d, src or fn
// is nil, or if depth is less than 1.
func Through[T, V, Out any, S Source[V]](ctx context.Context, d desync.Object[T], src S, depth int, fn func(ctx context.Context, data *T, v V) (Out, error)) *Stage[Out] {
	source := feedOf[V](src)
	check("Through", ctx, !object.IsNil(d), source != nil, fn != nil, depth)
	return &Stage[Out]{ctx: ctx, depth: depth, start: func(f *flow[Out], _ bool) func() {
		w := &work[T, V, Out]{flow: f, fn: fn, object: func(V) desync.Object[T] { return d }}
		return func() { w.feed(source) }
	}}
}
