package desync

import (
	"context"
	"sync/atomic"

	"github.com/go-desync/go-desync/futures/waits"
)

// Len returns the number of keys in the map, including those that have only queued jobs.
// It may have changed when it returns.
func (m *Map[K, T]) Len() int {
	m.mustBeMade()
	return int(m.count.Load())
}

// Wait returns when every job that was accepted before the call has ended, also those of
// keys that are being evicted or deleted. It does not wait for jobs that those jobs hand
// over. If ctx ends first, Wait returns a [*WaitError], which matches ctx.Err() and
// context.Cause(ctx) and says for which keys it has waited in vain.
//
// In a job of the map, Wait would wait for that job. It returns a [*DeadlockError] then
// if ctx is the job's context, or derived from it. With the race detector, or the build
// tag desyncdebug, it returns the error whatever ctx is, and for every deadlock that it
// would cause.
func (m *Map[K, T]) Wait(ctx context.Context) error {
	if ctx == nil {
		panic("desync: Map.Wait: the context is nil")
	}
	m.mustBeMade()
	if err := m.ringAlong(ctx, "Wait"); err != nil {
		return err
	}
	done := ctx.Done() // no method of ctx is called while there are fences
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
	var on []*waits.Job // in watched builds
	for e := range m.entries.all {
		if e.inUse() && e.repin() {
			e.data.pins.Add(fencing - 1)
			missing.Add(1)
			f := &fence[K, T]{key: e}
			var job *waits.Job
			if watching {
				job = waits.Queue(object(e.object()))
				on = append(on, job)
			}
			f.reached = func() {
				e.data.pins.Add(1 - fencing)
				e.unpinInTurn()
				job.End()
				end()
			}
			fences = append(fences, f)
			e.object().submit(f)
		}
	}
	end()
	select {
	case <-over:
		return nil // also if ctx has ended
	default:
	}
	if watching {
		if ring := waits.Prepare(done != nil, nil, on...).Begin(); ring != nil && !isClosed(done) {
			m.giveUp(fences)
			return deadlock(ring)
		}
		defer waits.End()
	}
	select {
	case <-over:
		return nil
	case <-done:
		left, jobs := m.giveUp(fences)
		if len(left) == 0 {
			return nil // both at once
		}
		return &WaitError[K]{Map: m.describe(), call: "Wait", Keys: left, Jobs: jobs, ended: endOf(ctx)}
	}
}

// A fence is the entry of a Wait in the queue of a key. It is not a job, so observers are
// not told of it. The side that swaps its state owns the other fields.
type fence[K comparable, T any] struct {
	state   atomic.Uint32
	key     *entry[K, T]
	reached func()
}

func (f *fence[K, T]) run(*Desync[slot[K, T]], bool) bool {
	if f.state.CompareAndSwap(pending, started) {
		f.reached()
	}
	return true
}

func (f *fence[K, T]) abandoned() bool { return f.state.Load() == cancelled }

// giveUp takes back the fences that are not reached, and returns their keys and how many
// jobs these have.
func (m *Map[K, T]) giveUp(fences []*fence[K, T]) (keys []K, jobs int) {
	for _, f := range fences {
		if !f.state.CompareAndSwap(pending, cancelled) {
			continue
		}
		e := f.key
		f.key, f.reached = nil, nil
		keys = append(keys, e.key())
		jobs += e.jobs(0)
		e.core.abandon()
		e.data.pins.Add(1 - fencing)
		e.unpin()
	}
	return keys, jobs
}

// ringAlong returns a DeadlockError if ctx is that of a job of the map, for a call that waits
// for all keys.
func (m *Map[K, T]) ringAlong(ctx context.Context, call string) error {
	for _, o := range heldAlong(ctx) {
		if d, ok := o.(*Desync[slot[K, T]]); ok && d.data.m == m {
			return ringAlong(ctx, o, call)
		}
	}
	return nil
}
