package pipe

import (
	"context"
	"sync"

	"github.com/go-desync/go-desync/adapters/internal/attempt"
	"github.com/go-desync/go-desync/adapters/internal/object"
	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

// A Report says what became of the items of an [In] or [InByKey].
type Report[V any] struct {
	// Run is the number of items whose job has run, with or without success, or found in its
	// turn that the value of its key could not be made.
	Run int

	// Failed is the number of items that have failed: the job returned an error, panicked
	// or called runtime.Goexit, or there was no value for it; or there was no job, because
	// the source gave an error or an observer of the object panicked.
	Failed int

	// NotRun is the number of items that were taken from the source and whose job never
	// runs.
	NotRun int

	// Left has those items, in the order of the source, except any that are still in a stage
	// that the source is. Nothing is lost if they are kept.
	Left []V

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
// The future itself never fails: the [Report] says what happened, and has the items that
// were taken and not run.
//
// In panics if ctx, d, src or fn is nil, or if depth is less than 1.
func In[T, V any, S Source[V]](ctx context.Context, d desync.Object[T], src S, depth int, fn func(ctx context.Context, data *T, v V) error) *futures.Future[Report[V]] {
	source := feedOf[V](src)
	check("In", ctx, !object.IsNil(d), source != nil, fn != nil, depth)
	return in(ctx, func(V) desync.Object[T] { return d }, source, depth, fn)
}

// InByKey is [In] on the objects of m: the function key returns the key of an item, and the
// item's job runs on the object of that key. The jobs of one key run in the order of their
// items, and the jobs of different keys in parallel. A slow key holds up all others when depth
// items are queued or running. See [ByKey] for the key function.
//
// InByKey panics if ctx, m, src, key or fn is nil, or if depth is less than 1.
func InByKey[K comparable, T, V any, S Source[V]](ctx context.Context, m *desync.Map[K, T], src S, key func(v V) K, depth int, fn func(ctx context.Context, data *T, v V) error) *futures.Future[Report[V]] {
	source := feedOf[V](src)
	check("InByKey", ctx, m != nil, source != nil, key != nil && fn != nil, depth)
	return in(ctx, func(v V) desync.Object[T] { return m.At(key(v)) }, source, depth, fn)
}

func in[T, V any](ctx context.Context, of func(V) desync.Object[T], source feed[V], depth int, fn func(context.Context, *T, V) error) *futures.Future[Report[V]] {
	// A context of our own: its methods cannot fail.
	ctx, cancel := context.WithCancelCause(ctx)
	s := &sink[T, V]{intake: newIntake(ctx, depth), cancel: cancel, of: of, fn: fn}
	if ctx.Err() != nil {
		defer cancel(nil)
		s.done.Resolve(Report[V]{Err: stopped(ctx, 0, 0, nil)})
		return s.done.Future()
	}
	s.watchDone()
	go s.run(source)
	return s.done.Future()
}

type sink[T, V any] struct {
	intake
	cancel context.CancelCauseFunc // of the intake's context
	done   futures.Promise[Report[V]]
	of     func(V) desync.Object[T] // whose job an item is
	fn     func(context.Context, *T, V) error

	source failed // of the feeder
	mu     sync.Mutex
	jobs   failed // of the jobs; mu guards it
}

// failed counts items that have failed.
type failed struct {
	n     int
	first int   // the number of the first in the order of the source
	err   error // its error
}

func (f *failed) add(n int, err error) {
	if f.n++; f.n == 1 || n < f.first {
		f.first, f.err = n, err
	}
}

func (s *sink[T, V]) run(source feed[V]) {
	defer s.cancel(nil)
	defer s.watchContext()()
	defer s.finish() // also when the source calls runtime.Goexit
	feedInto(&s.intake, source, func(n int, v V, err error) {
		if err != nil {
			s.source.add(n, err)
			return
		}
		i := &sunk[T, V]{sink: s, n: n, v: v}
		i.item = i
		s.queue(&i.place, func() (stop func() bool) {
			d := s.of(v)
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
	s.mu.Lock() // where deadlocks are found, jobs may still run
	src, jobs := s.source, s.jobs
	s.mu.Unlock()
	r := Report[V]{Failed: src.n + jobs.n}
	r.Run, r.NotRun = s.counts()
	for _, v := range s.leftOver() {
		item, _ := v.(V) // a nil of an interface type is no V
		r.Left = append(r.Left, item)
	}
	switch {
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
	if !i.begin() {
		return
	}
	v := i.v
	i.v = *new(V)
	i.begun = true
	i.sink.intake.begun(i.watched)
	attempt.Run(func() error { return i.fn(i.ctx, data, v) }, func(err error) { i.err = err })
}

func (i *sunk[T, V]) value() any { return i.v }

// Func is for observers of the object.
func (i *sunk[T, V]) Func() any { return i.fn }

// Ended counts the item. If the job has run, a later failure comes from an observer and
// does not count for the job.
func (i *sunk[T, V]) Ended(err error) {
	i.gone(i.watched)
	if !i.begun {
		if err == nil || !i.begin() {
			return
		}
		i.err = err
	}
	i.place.over.Store(true)
	if i.err != nil {
		i.mu.Lock()
		i.jobs.add(i.n, i.err)
		i.mu.Unlock()
	}
	i.end()
	i.room.notify()
}
