package desync

import (
	"context"
	"sync/atomic"
)

// Len returns the number of keys in the map, those with only queued jobs included.
// It may have changed by the time that it returns.
func (m *Map[K, T]) Len() int {
	m.mustBeMade()
	return int(m.count.Load())
}

// Range calls visit for each key that has a value, as a job of the key's object on
// the calling goroutine, until visit returns false. It waits for each object's
// turn. A key that comes or goes meanwhile may be visited or not. A visit is a use:
// it keeps the key from being idle.
func (m *Map[K, T]) Range(visit func(key K, data *T) bool) {
	if visit == nil {
		panic("desync: Map.Range: the function is nil")
	}
	m.mustBeMade()
	m.evictor.enter(m)
	m.entries.Range(func(_, v any) bool {
		e := v.(*entry[K, T])
		if !m.repin(e) {
			return true
		}
		defer m.unpin(e)
		return e.object.Sync(func(s *slot[T]) bool {
			return !e.live() || visit(e.key, &s.value)
		})
	})
}

// Wait returns when every job that was accepted before the call has ended, those of
// keys that are being evicted or deleted included. It does not wait for jobs that
// those jobs hand over. Called in a job of the map it waits for itself. If ctx ends
// first, Wait returns an error that matches ctx.Err() and context.Cause(ctx).
func (m *Map[K, T]) Wait(ctx context.Context) error {
	if ctx == nil {
		panic("desync: Map.Wait: the context is nil")
	}
	m.mustBeMade()
	// One more than there are fences, so that the last is not seen too early.
	var missing atomic.Int64
	missing.Store(1)
	over := make(chan struct{})
	end := func() {
		if missing.Add(-1) == 0 {
			close(over)
		}
	}
	var fences []*fence[K, T]
	m.entries.Range(func(_, v any) bool {
		e := v.(*entry[K, T])
		// An entry that has no pins has no jobs.
		if e.inUse() && m.repin(e) {
			missing.Add(1)
			f := &fence[K, T]{key: e, reached: func() {
				m.unpin(e)
				end()
			}}
			fences = append(fences, f)
			e.object.submit(f)
		}
		return true
	})
	end()
	select {
	case <-over:
		return nil // also if ctx has ended
	default:
	}
	select {
	case <-over:
		return nil
	case <-ctx.Done():
		for _, f := range fences {
			f.giveUp(m)
		}
		return &waitError{ctx.Err(), context.Cause(ctx)}
	}
}

// A fence is the entry of a Wait in the queue of a key. It is no job that an observer
// should hear of. Whoever swaps its state owns the other fields.
type fence[K comparable, T any] struct {
	state   atomic.Uint32
	key     *entry[K, T]
	reached func()
}

func (f *fence[K, T]) run(*Desync[slot[T]], bool) bool {
	if f.state.CompareAndSwap(pending, started) {
		f.reached()
	}
	return true
}

func (f *fence[K, T]) abandoned() bool { return f.state.Load() == cancelled }

func (f *fence[K, T]) giveUp(m *Map[K, T]) {
	if !f.state.CompareAndSwap(pending, cancelled) {
		return
	}
	e := f.key
	f.key, f.reached = nil, nil
	e.object.core.abandon()
	m.unpin(e)
}

// waitError is the error of a Wait that was given up.
type waitError struct{ err, cause error }

func (e *waitError) Error() string {
	return "desync: Map.Wait: jobs are still pending: " + e.cause.Error()
}
func (e *waitError) Unwrap() []error { return []error{e.err, e.cause} }
