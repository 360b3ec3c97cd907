package pipe

import (
	"context"

	"github.com/go-desync/go-desync/adapters/internal/attempt"
	"github.com/go-desync/go-desync/adapters/internal/object"
	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

// A Report says what became of the items of an [In].
type Report struct {
	// Run is the number of items whose job has run, with or without success.
	Run int

	// Failed is the number of items that have failed: the job returned an error, panicked
	// or called runtime.Goexit; or there was no job, because the source gave an error or
	// an observer of the object panicked.
	Failed int

	// NotRun is the number of items that were taken from the source and whose job never
	// runs.
	NotRun int

	// Err is the error of the first item that failed: a [*futures.PanicError] after a
	// panic, [futures.ErrGoexit] after a Goexit. If no item failed, but In ended before
	// its source did, Err says why: it is a [*StoppedError], or the PanicError of the
	// source.
	Err error
}

// In makes every item of src a job on d, in their order, and returns a future that
// settles when all of them have run. The source runs ahead of the jobs by at most depth
// items, including the one that runs.
//
// In itself does not block. A goroutine takes the items and ends when the future settles;
// until then it keeps d alive, even if d is not used elsewhere. The jobs run like those
// of [desync.Desync.Async], one at a time and between the other jobs of d. Their context
// is derived from ctx and ends when the future settles. If an item fails, by an error or
// a panic, the next items are still run; to stop at a failure, let the job cancel ctx.
//
// When ctx ends, no more items are taken and no job begins. The future settles when the
// running job has ended and the source has returned, even if d is busy with other jobs; d
// then keeps nothing of the items. If ctx has ended before the call, nothing is taken.
//
// The future itself never fails: the [Report] says what happened.
//
// In panics if ctx, d, src or fn is nil, or if depth is less than 1.
func In[T, V any, S Source[V]](ctx context.Context, d desync.Object[T], src S, depth int, fn func(ctx context.Context, data *T, v V) error) *futures.Future[Report] {
	source := feedOf[V](src)
	check("In", ctx, !object.IsNil(d), source != nil, fn != nil, depth)
	// A context of our own: its methods cannot fail.
	ctx, cancel := context.WithCancelCause(ctx)
	s := &sink[T, V]{intake: newIntake(ctx, depth), cancel: cancel, fn: fn}
	if ctx.Err() != nil {
		defer cancel(nil)
		s.done.Resolve(Report{Err: stopped(ctx, 0, 0)})
		return s.done.Future()
	}
	s.watchDone()
	go s.run(d, source)
	return s.done.Future()
}

type sink[T, V any] struct {
	intake
	cancel context.CancelCauseFunc // of the intake's context
	done   futures.Promise[Report]
	fn     func(context.Context, *T, V) error

	source failed // of the feeder
	jobs   failed // of the jobs, which run one at a time
}

// failed counts items that have failed.
type failed struct {
	n     int
	first int // the number of the first
	err   error
}

func (f *failed) add(n int, err error) {
	if f.n++; f.n == 1 {
		f.first, f.err = n, err
	}
}

func (s *sink[T, V]) run(d desync.Object[T], source feed[V]) {
	defer s.cancel(nil)
	defer s.watchContext()()
	defer s.finish() // also when the source calls runtime.Goexit
	feedInto(&s.intake, source, func(n int, v V, err error) {
		if err != nil {
			s.source.add(n, err)
			return
		}
		i := &sunk[T, V]{sink: s, n: n, v: v}
		s.queue(&i.place, func() (stop func() bool) {
			s.follow(func(w *watched) {
				i.watched = w
				stop = d.Submit(i)
			})
			return stop
		}, func(err error) {
			s.gone(i.watched)
			s.source.add(n, err)
		})
	}, func() int { return s.passed + int(s.ended.Load()) })
}

func (s *sink[T, V]) finish() {
	s.ready.wait(func() bool { return int(s.ended.Load()) == s.taken || s.ctx.Err() != nil }, unwatched)
	s.wait()
	r := Report{Failed: s.source.n + s.jobs.n}
	r.Run, r.NotRun = s.counts()
	switch src, jobs := s.source, s.jobs; {
	case r.Failed == 0:
		r.Err = s.outcome()
	case jobs.n == 0 || src.n > 0 && src.first < jobs.first:
		r.Err = src.err
	default:
		r.Err = jobs.err
	}
	defer s.done.Resolve(r) // also when an observer fails in leave
	s.leave()
}

// sunk is the job of one item.
type sunk[T, V any] struct {
	*sink[T, V]
	place
	n     int
	v     V // until the job begins
	begun bool
	err   error

	watched *watched // nil in builds that do not watch
}

func (i *sunk[T, V]) Run(data *T) {
	v := i.v
	i.v = *new(V)
	if !i.begin() {
		return
	}
	i.begun = true
	i.sink.intake.begun(i.watched)
	attempt.Run(func() error { return i.fn(i.ctx, data, v) }, func(err error) { i.err = err })
}

// Func is for observers of the object.
func (i *sunk[T, V]) Func() any { return i.fn }

// Ended counts the item. If the job has run, a later failure comes from an observer and
// does not count for the job.
func (i *sunk[T, V]) Ended(err error) {
	i.place.over.Store(true)
	i.gone(i.watched)
	if !i.begun {
		if err == nil || !i.begin() {
			return
		}
		i.err = err
	}
	if i.err != nil {
		i.jobs.add(i.n, i.err)
	}
	i.end()
	i.room.notify()
}
