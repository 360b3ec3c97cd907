package desync

import (
	"context"
	"sync/atomic"

	"github.com/go-desync/go-desync/futures/waits"
)

// Len returns the number of keys in the map, those with only queued jobs included.
// It may have changed by the time that it returns.
func (m *Map[K, T]) Len() int { return int(m.count.Load()) }

// Range calls visit for each key that has a value, as a job of the key's object on
// the calling goroutine, until visit returns false. It waits for each object's
// turn. A key that comes or goes meanwhile may be visited or not. A visit is a use:
// it keeps the key from being idle.
func (m *Map[K, T]) Range(visit func(key K, data *T) bool) {
	if visit == nil {
		panic("desync: Map.Range: the function is nil")
	}
	m.entries.Range(func(_, v any) bool {
		e := v.(*entry[K, T])
		if !m.repin(e) {
			return true
		}
		defer m.unpin(e)
		return e.object.Sync(func(s *slot[K, T]) bool {
			return !e.live() || visit(e.key, &s.value)
		})
	})
}

// Wait returns when every job that was accepted before the call has ended, those of
// keys that are being evicted or deleted included. It does not wait for jobs that
// those jobs hand over. If ctx ends first, Wait returns an error that matches ctx.Err()
// and context.Cause(ctx).
//
// Called in a job of the map it would wait for that job. It returns a [*DeadlockError]
// then if ctx is the job's context, or one derived from it. With the race detector, or
// the build tag desyncdebug, it does so whatever ctx is, and for every ring of jobs that
// it would close.
func (m *Map[K, T]) Wait(ctx context.Context) error {
	if ctx == nil {
		panic("desync: Map.Wait: the context is nil")
	}
	if err := m.ringAlong(ctx); err != nil {
		return err
	}
	// One more than there are fences, so that the last is not seen too early.
	var missing atomic.Int64
	var fences []*waits.Job // in watched builds
	missing.Store(1)
	over := make(chan struct{})
	end := func() {
		if missing.Add(-1) == 0 {
			close(over)
		}
	}
	m.entries.Range(func(_, v any) bool {
		e := v.(*entry[K, T])
		// An entry that has no pins has no jobs.
		if e.inUse() && m.repin(e) {
			missing.Add(1)
			var fence *waits.Job
			if watching {
				fence = waits.Queue(object(&e.object))
				fences = append(fences, fence)
			}
			// Not Async: a fence is no job that an observer should hear of.
			e.object.submit(func(*slot[K, T]) {
				defer m.unpin(e)
				fence.End()
				end()
			})
		}
		return true
	})
	end()
	select {
	case <-over:
		return nil // also if ctx has ended
	default:
	}
	if watching {
		if ring := waits.Prepare(ctx.Done() != nil, nil, fences...).Begin(); ring != nil && ctx.Err() == nil {
			return deadlock(ring)
		}
		defer waits.End()
	}
	select {
	case <-over:
		return nil
	case <-ctx.Done():
		return &waitError{ctx.Err(), context.Cause(ctx)}
	}
}

// ringAlong returns a DeadlockError if ctx is that of a job of the map.
func (m *Map[K, T]) ringAlong(ctx context.Context) (err error) {
	for _, o := range holdingsOf(ctx) {
		d, ok := o.(*Desync[slot[K, T]])
		if !ok || d.data.entry == nil {
			continue
		}
		if e, _ := m.entries.Load(d.data.entry.key); e == any(d.data.entry) {
			return ringAlong(ctx, o, "Wait")
		}
	}
	return nil
}

// waitError is the error of a Wait that was given up.
type waitError struct{ err, cause error }

func (e *waitError) Error() string {
	return "desync: Map.Wait: jobs are still pending: " + e.cause.Error()
}
func (e *waitError) Unwrap() []error { return []error{e.err, e.cause} }
