package desync

import (
	"context"
	"fmt"
	"iter"

	"github.com/go-desync/go-desync/futures"
)

// Keys returns the keys in the map, including those that have only queued jobs, as Len
// counts them. A key that is added or removed during the iteration may be among them or
// not. It neither waits nor counts as a use.
func (m *Map[K, T]) Keys() iter.Seq[K] {
	m.mustBeMade()
	return func(yield func(K) bool) {
		m.entries.once(func(e *entry[K, T]) bool {
			return e.data.pins.Load() == removed || yield(e.key())
		})
	}
}

// DoIfPresent is [Key.Do] if the key has a value when its turn comes, and reports whether
// it has. If it has none the job does not run, and no value is made. It is no use of the
// key, which is evicted as if it had not been called: it suits timers and broadcasts.
//
// DoIfPresent waits for the key's turn, as Do does, but not if the map has nothing for the
// key. It panics if job is nil.
func (k Key[K, T]) DoIfPresent(job func(data *T)) (ran bool) {
	if job == nil {
		panic("desync: Key.DoIfPresent: the job is nil")
	}
	return k.m.doIfPresent(k.key, func(_ *entry[K, T], data *T) { job(data) })
}

// FutureIfPresent is [Key.DoIfPresent] in the background: it queues the job and returns a
// future of its result. If the key has no value when its turn comes, or the map has nothing
// for the key now, the job does not run and the future fails with an error that matches
// [ErrNotRun].
//
// FutureIfPresent panics if job is nil.
func (k Key[K, T]) FutureIfPresent[R any](job func(data *T) R) *futures.Future[R] {
	if job == nil {
		panic("desync: Key.FutureIfPresent: the job is nil")
	}
	e := k.m.pinIfPresent(k.key)
	if e == nil {
		return futures.Rejected[R](absent())
	}
	ran := false
	return e.object().futureContext(context.Background(), func(_ context.Context, s *slot[K, T]) (result R, err error) {
		ran = true
		defer e.dropInTurn()
		if !e.live() {
			return result, absent()
		}
		return job(&s.value), nil
	}, func() {
		if !ran { // an observer has panicked
			e.drop()
		}
	}, job)
}

// AsyncIfPresent is [Key.DoIfPresent] in the background: it queues the job and returns at
// once, like [Desync.Async]. [Key.FutureIfPresent] also tells whether the job has run.
//
// AsyncIfPresent panics if job is nil.
func (k Key[K, T]) AsyncIfPresent(job func(data *T)) {
	if job == nil {
		panic("desync: Key.AsyncIfPresent: the job is nil")
	}
	e := k.m.pinIfPresent(k.key)
	if e == nil {
		return
	}
	queued := false
	defer func() {
		if !queued { // an observer has panicked
			e.drop()
		}
	}()
	e.async(func(s *slot[K, T]) {
		defer e.dropInTurn()
		if e.live() {
			job(&s.value)
		}
	}, job)
	queued = true
}

// DoContextIfPresent is [Key.DoIfPresent] for a caller that may give up, as
// [Desync.DoContext] is Do. If the job has not run, the error matches [ErrNotRun]: it is a
// [*NotRunError] if ctx has ended, and a [*DeadlockError] after a deadlock; else the key has no
// value.
//
// DoContextIfPresent panics if ctx or job is nil.
func (k Key[K, T]) DoContextIfPresent(ctx context.Context, job func(ctx context.Context, data *T) error) error {
	if ctx == nil || job == nil {
		panic("desync: Key.DoContextIfPresent: the context and the job must not be nil")
	}
	const call = "DoContextIfPresent"
	e := k.m.pinIfPresent(k.key)
	if e == nil {
		if ctx.Err() != nil {
			return k.notRun(ctx, call)
		}
		return absent()
	}
	defer e.drop()
	return e.object().doContext(ctx, call, func(ctx context.Context, s *slot[K, T]) error {
		if !e.live() {
			return absent()
		}
		return job(ctx, &s.value)
	})
}

// DeleteIf is [Key.DoIfPresent] with a job that decides whether the value goes: if it
// returns true, the value is removed in the same turn, and what is queued behind it finds a
// new one. The value is then the job's, to be copied and used as it likes. So the last one
// out can remove the room, and no newcomer is lost. DeleteIf reports whether it has removed
// a value. The function of [Map.OnRemove] is told of the value, after the job and in the same
// turn, and cannot keep it.
//
// DeleteIf panics if the job is nil.
func (k Key[K, T]) DeleteIf(job func(data *T) bool) (deleted bool) {
	if job == nil {
		panic("desync: Key.DeleteIf: the job is nil")
	}
	k.m.doIfPresent(k.key, func(e *entry[K, T], data *T) {
		if job(data) {
			deleted = true
			e.takeValue()
		}
	})
	return deleted
}

func absent() error { return fmt.Errorf("desync: the key has no value: %w", ErrNotRun) }

func (m *Map[K, T]) doIfPresent(key K, job func(*entry[K, T], *T)) (ran bool) {
	e := m.pinIfPresent(key)
	if e == nil {
		return false
	}
	defer e.drop()
	e.object().Do(func(s *slot[K, T]) {
		if e.live() {
			ran = true
			job(e, &s.value)
		}
	})
	return ran
}

// pinIfPresent is pin, but returns nil if there is no entry. drop is to follow, not unpin.
func (m *Map[K, T]) pinIfPresent(key K) *entry[K, T] {
	m.mustKey(key)
	m.evictor.enter(m)
	for {
		if e := m.find(key); e == nil || e.repin() {
			return e
		}
	}
}
