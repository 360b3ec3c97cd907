package desync

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/go-desync/go-desync/futures"
)

// Range calls visit for each key that has a value, as a job of the key's object on
// the calling goroutine, until visit returns false. It waits for each object's
// turn; see [Map.TryRange], [Map.RangeContext] and [Map.Broadcast] for other ways. A key
// that is added or removed meanwhile may be visited or not. A visit is a use, so the key is
// not idle.
func (m *Map[K, T]) Range(visit func(key K, data *T) bool) {
	if visit == nil {
		panic("desync: Map.Range: the function is nil")
	}
	m.walk(func(e *entry[K, T]) bool {
		return e.object().Sync(func(s *slot[K, T]) bool {
			return !e.live() || visit(s.key, &s.value)
		})
	})
}

// TryRange is [Map.Range] without a wait: it leaves out the keys whose objects are not idle.
func (m *Map[K, T]) TryRange(visit func(key K, data *T) bool) {
	if visit == nil {
		panic("desync: Map.TryRange: the function is nil")
	}
	m.walk(func(e *entry[K, T]) bool {
		more := true
		e.object().TryDo(func(s *slot[K, T]) {
			more = !e.live() || visit(s.key, &s.value)
		})
		return more
	})
}

// RangeContext is [Map.Range] for a caller that may give up, with visits like the jobs of
// [Desync.DoContext]. It stops at the first error of visit, and returns it. If ctx ends while
// it waits for a turn, or has ended before, RangeContext returns a [*NotRunError], and visits
// no more keys. The key that it has waited for is in the error.
//
// In a job of the map, RangeContext would wait for that job. It returns a [*DeadlockError]
// then, and visits nothing, if ctx is the job's context, or derived from it.
//
// RangeContext panics if ctx or visit is nil.
func (m *Map[K, T]) RangeContext(ctx context.Context, visit func(ctx context.Context, key K, data *T) error) (err error) {
	if ctx == nil || visit == nil {
		panic("desync: Map.RangeContext: the context and the function must not be nil")
	}
	m.mustBeMade()
	if ctx.Err() != nil {
		return &NotRunError{Object: m.describe(), Call: "RangeContext", ended: endOf(ctx)}
	}
	if err := m.ringAlong(ctx, "RangeContext"); err != nil {
		return err
	}
	m.walk(func(e *entry[K, T]) bool {
		err = e.object().doContext(ctx, "RangeContext", func(ctx context.Context, s *slot[K, T]) error {
			if !e.live() {
				return nil
			}
			return visit(ctx, s.key, &s.value)
		})
		return err == nil
	})
	return err
}

// Broadcast queues job for each key, for all at once and in the background, and returns when
// all have ended. A key that is stuck does not keep the job from the others. As for
// [Key.DoIfPresent], the job runs if the key has a value when its turn comes, and is no use of
// the key.
//
// Broadcast returns the errors of the jobs, joined by [errors.Join]. A panic of a job is a
// [*PanicError]. If ctx ends first, or has ended before, one of them is a [*WaitError] that says
// for which keys the job has not ended. Where it has not begun, it never runs.
//
// The job gets a context derived from ctx, as that of [Desync.FutureContext]. In a job of the
// map, Broadcast would wait for that job. It returns a [*DeadlockError] then, as [Map.Wait]
// does.
//
// Broadcast panics if ctx or job is nil.
func (m *Map[K, T]) Broadcast(ctx context.Context, job func(ctx context.Context, key K, data *T) error) error {
	if ctx == nil || job == nil {
		panic("desync: Map.Broadcast: the context and the job must not be nil")
	}
	m.mustBeMade()
	if err := m.ringAlong(ctx, "Broadcast"); err != nil {
		return err
	}
	m.evictor.enter(m)
	var off atomic.Bool // what has not begun is not to run
	returned := false
	defer func() { off.Store(!returned) }()
	var all []*sent[K, T]
	m.entries.once(func(e *entry[K, T]) bool {
		if e.repin() {
			s := &sent[K, T]{entry: e}
			s.queue(ctx, job, &off)
			all = append(all, s)
		}
		return true
	})
	var errs []error
	left := &WaitError[K]{Map: m.describe(), call: "Broadcast"}
	for _, s := range all {
		_, failed := s.future.Await(ctx)
		r, settled := s.future.Try()
		if settled && s.reached {
			if r.Err != nil {
				errs = append(errs, r.Err)
			}
			continue
		}
		if ring, ok := errors.AsType[*DeadlockError](failed); ok && !settled {
			return ring
		}
		if settled {
			s.letGo(s.entry.drop) // whoever cancels it may not have come that far, and it is not to be counted
		}
		left.Keys = append(left.Keys, s.entry.key())
		if s.entry.repin() {
			left.Jobs += s.entry.jobs(1)
			s.entry.drop()
		}
	}
	returned = true
	if len(left.Keys) > 0 {
		left.ended = endOf(ctx)
		errs = append(errs, left)
	}
	return errors.Join(errs...)
}

// sent is the job of a Broadcast for one key.
type sent[K comparable, T any] struct {
	entry   *entry[K, T]
	future  *futures.Future[struct{}]
	reached bool // its turn has come; written before the future settles
	free    atomic.Bool
}

func (s *sent[K, T]) letGo(drop func()) {
	if s.free.CompareAndSwap(false, true) {
		drop()
	}
}

func (s *sent[K, T]) queue(ctx context.Context, job func(context.Context, K, *T) error, off *atomic.Bool) {
	e := s.entry
	s.future = e.object().futureContext(ctx, func(ctx context.Context, d *slot[K, T]) (none struct{}, err error) {
		s.reached = true
		defer s.letGo(e.dropInTurn)
		if !e.live() || off.Load() {
			return none, nil
		}
		return none, job(ctx, d.key, &d.value)
	}, func() {
		if !s.reached { // it was canceled
			s.letGo(e.drop)
		}
	}, job)
}

// walk calls visit for each entry, which is pinned meanwhile, until visit returns false.
func (m *Map[K, T]) walk(visit func(e *entry[K, T]) bool) {
	m.mustBeMade()
	m.evictor.enter(m)
	m.entries.once(func(e *entry[K, T]) bool {
		if !e.repin() {
			return true
		}
		defer e.unpin()
		return visit(e)
	})
}
