package pipe

import (
	"context"

	"github.com/go-desync/go-desync/adapters/internal/attempt"
	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

// A Report is what became of the items of an [In].
type Report struct {
	// Run is the number of items whose job has run, with or without success.
	Run int

	// Failed is the number of items that have failed: their job returned an error,
	// panicked or called runtime.Goexit, or the source gave an error for them.
	Failed int

	// NotRun is the number of items that were taken from the source and whose job
	// has not run and never will.
	NotRun int

	// Err is the error of the first item that failed; a panic is a
	// [*futures.PanicError] and a Goexit [futures.ErrGoexit]. If no item failed it
	// says why In ended before its source did: a [*StoppedError], or the
	// PanicError of the source.
	Err error
}

// In makes a job on d of every item of src, in their order, and returns a future
// that settles when all of them have run. The source runs ahead of the jobs by at
// most depth items, those queued and the one that runs.
//
// In itself does not block. A goroutine takes the items and ends when the future
// settles; the jobs run as those of [desync.Desync.Async], one at a time and in
// between the other jobs of d. Their context is ctx. An item that fails, by an error
// or a panic, does not keep the next from being run; a job that wants that can
// cancel ctx.
//
// When ctx ends no more items are taken and no job begins. The future settles when
// the job that runs has ended and the source has returned, however long others hold
// d. If ctx has ended before the call nothing is taken.
//
// The future itself never fails: whatever happened is in the [Report].
//
// In panics if ctx, d, src or fn is nil, or if depth is less than 1.
func In[T, V any, S Source[V]](ctx context.Context, d *desync.Desync[T], src S, depth int, fn func(ctx context.Context, data *T, v V) error) *futures.Future[Report] {
	source := feedOf[V](src)
	check("In", ctx, d != nil, source != nil, fn != nil, depth)
	s := &sink[T, V]{intake: newIntake(ctx, depth), fn: fn, items: make([]numbered[V], depth)}
	if ctx.Err() != nil {
		s.done.Resolve(Report{Err: stopped(ctx, 0, 0)})
		return s.done.Future()
	}
	s.watchDone()
	go s.run(d, source)
	return s.done.Future()
}

type sink[T, V any] struct {
	intake
	done futures.Promise[Report]
	fn   func(context.Context, *T, V) error

	// Job k has its item at k%depth, from when it is queued until it runs.
	items []numbered[V]

	source failed // of the feeder

	// Of the jobs, which run one at a time.
	next int
	jobs failed
}

type numbered[V any] struct {
	n int
	v V
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

func (s *sink[T, V]) run(d *desync.Desync[T], source feed[V]) {
	defer s.watchContext()()
	defer s.finish() // also when the source calls runtime.Goexit
	turn := s.turn
	feedInto(&s.intake, source, func(n int, v V, err error) {
		if err != nil {
			s.source.add(n, err)
			return
		}
		s.items[(s.taken-1)%s.depth] = numbered[V]{n, v}
		s.follow(func(*watched) { d.Async(turn) })
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
	s.items = nil
	s.done.Resolve(r)
}

// turn is the job of every item: as the jobs of d run in order, it is always that of
// the next.
func (s *sink[T, V]) turn(data *T) {
	j := s.first()
	if !s.begin() {
		s.gone(j)
		return
	}
	s.begun(j)
	i := s.next % s.depth
	s.next++
	item := s.items[i]
	s.items[i] = numbered[V]{}
	attempt.Run(func() error {
		return s.fn(s.ctx, data, item.v)
	}, func(err error) {
		s.gone(j)
		if err != nil {
			s.jobs.add(item.n, err)
		}
		s.end()
		s.room.notify()
	})
}
