package desync

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/go-desync/go-desync/futures"
)

// A Map is a family of objects, one for each key. The object of a key is made by
// the first job for the key and removed by [Map.Delete], or when it has been idle
// for as long as [Map.EvictIdle] says. A key never has two objects at the same time.
//
// Each key's jobs keep the rules of [Desync]; keys do not delay each other. A map
// needs no goroutine while nothing runs, and no Close. Make it with [NewMap]; it
// must not be copied. All methods of the zero Map panic, but for those that print it.
//
// All methods panic if the key does not equal itself, like a floating-point NaN: it could
// never be found again.
type Map[K comparable, T any] struct {
	entries  sync.Map // of K to *entry[K, T]
	count    atomic.Int64
	newValue func(K) T
	config   *config
	evictor  evictor[K, T]
}

// NewMap returns a map whose values are made by newValue. It is called in the turn
// of the first job for a key, before the job and on the same goroutine. If it
// panics, the job panics and does not run, and the next job for the key tries
// again. The options apply to every object of the map.
//
// NewMap panics if newValue is nil.
func NewMap[K comparable, T any](newValue func(K) T, opts ...Option) *Map[K, T] {
	if newValue == nil {
		panic("desync: NewMap: the function that makes values is nil")
	}
	m := &Map[K, T]{newValue: newValue}
	if len(opts) > 0 {
		m.config = new(config)
		for _, o := range opts {
			o(m.config)
		}
	}
	return m
}

// An entry is the object of a key. It outlives the value: Delete and eviction remove the
// value in a job of the object, and the next job makes a new one. So the order is kept.
//
// The entry itself is removed from the map when it has neither a value nor a call that
// uses it. Both are counted in pins, so the decision is one swap, from zero to removed. A
// call has either pinned the entry before that, or finds it removed and starts again.
type entry[K comparable, T any] struct {
	object Desync[slot[K, T]]
	key    K
	pins   atomic.Int64  // calls and jobs that use the entry, fencing for each fence, plus hasValue; or removed
	used   atomic.Uint64 // the tick at which the last use ended; see evictor
}

// A slot is the data of an entry's object.
type slot[K comparable, T any] struct {
	entry *entry[K, T] // does not change
	value T
}

// notRun is that of an object that need not be made.
func (m *Map[K, T]) notRun(ctx context.Context, call string, key K) error {
	e := &entry[K, T]{key: key}
	e.object.core.cfg = m.config
	e.object.data.entry = e
	return notRun(ctx, &e.object, call)
}

// identity is that of the slot's object. The map's address is not known here.
func (s *slot[K, T]) identity(c *config) (object string, key any) {
	if c != nil && c.name != "" {
		return strconv.Quote(c.name), s.entry.key
	}
	return strings.TrimPrefix(fmt.Sprintf("%T", (*Map[K, T])(nil)), "*"), s.entry.key
}

const (
	removed  = -1
	fencing  = 1 << 32 // what a fence of Wait counts, so that it is told from a job
	hasValue = 1 << 62 // added and taken away in jobs
)

func (e *entry[K, T]) live() bool  { return e.pins.Load() >= hasValue }
func (e *entry[K, T]) inUse() bool { n := e.pins.Load(); return n > 0 && n%hasValue > 0 }

// jobs returns how many jobs the entry has. It must be pinned.
func (e *entry[K, T]) jobs() int { return int(e.pins.Load() % fencing) }

// pin returns the entry of key, and makes it if there is none. It cannot be removed
// before unpin.
func (m *Map[K, T]) pin(key K) *entry[K, T] {
	m.evictor.enter(m)
	for {
		e := m.find(key)
		if e == nil {
			e = &entry[K, T]{key: key}
			e.object.core.cfg = m.config
			e.object.data.entry = e
			e.pins.Store(1)
			if _, found := m.entries.LoadOrStore(key, e); !found {
				m.count.Add(1)
				m.evictor.wake(m)
				return e
			}
			continue
		}
		if m.repin(e) {
			return e
		}
	}
}

func (m *Map[K, T]) mustBeMade() {
	if m.newValue == nil {
		panic("desync: Map: the zero Map cannot make values; make it with NewMap")
	}
}

// find returns the entry of key, or nil.
func (m *Map[K, T]) find(key K) *entry[K, T] {
	m.mustKey(key)
	e, _ := m.entries.Load(key)
	found, _ := e.(*entry[K, T])
	return found
}

func (m *Map[K, T]) mustKey(key K) {
	m.mustBeMade()
	if key != key {
		panic(fmt.Sprintf("desync: Map: the key %v does not equal itself, so it cannot be found again", key))
	}
}

// repin pins e unless it is removed.
func (m *Map[K, T]) repin(e *entry[K, T]) bool {
	for {
		n := e.pins.Load()
		if n == removed {
			// It is about to be removed from the map; make sure that it is.
			m.entries.CompareAndDelete(e.key, e)
			return false
		}
		if e.pins.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// unpin lets go of e, and removes it if it is no longer needed.
func (m *Map[K, T]) unpin(e *entry[K, T]) {
	if t := m.evictor.tick.Load(); e.used.Load() != t {
		e.used.Store(t)
	}
	if e.pins.Add(-1) == 0 && e.pins.CompareAndSwap(0, removed) {
		m.count.Add(-1)
		m.entries.CompareAndDelete(e.key, e)
	}
}

// unpinUnless lets go of e if a call did not return, because of an observer's Queued: the
// job that would have let go of it was not queued.
func (m *Map[K, T]) unpinUnless(queued *bool, e *entry[K, T]) {
	if !*queued {
		m.unpin(e)
	}
}

// value returns the entry's value, and makes it if there is none. It is called in a job.
func (m *Map[K, T]) value(e *entry[K, T], s *slot[K, T]) *T {
	if !e.live() {
		s.value = m.newValue(e.key)
		e.pins.Add(hasValue)
	}
	return &s.value
}

// clear removes the value. It is called in a job.
func (e *entry[K, T]) clear(s *slot[K, T]) {
	if e.live() {
		s.value = *new(T)
		e.pins.Add(-hasValue)
	}
}

// Async is [Desync.Async] on the object of key.
func (m *Map[K, T]) Async(key K, job func(data *T)) {
	if job == nil {
		panic("desync: Map.Async: the job is nil")
	}
	e := m.pin(key)
	queued := false
	defer m.unpinUnless(&queued, e)
	e.object.Async(func(s *slot[K, T]) {
		defer m.unpin(e)
		job(m.value(e, s))
	})
	queued = true
}

// Do is [Desync.Do] on the object of key.
func (m *Map[K, T]) Do(key K, job func(data *T)) {
	if job == nil {
		panic("desync: Map.Do: the job is nil")
	}
	e := m.pin(key)
	defer m.unpin(e)
	e.object.Do(func(s *slot[K, T]) { job(m.value(e, s)) })
}

// Sync is [Desync.Sync] on the object of key.
func (m *Map[K, T]) Sync[R any](key K, job func(data *T) R) R {
	if job == nil {
		panic("desync: Map.Sync: the job is nil")
	}
	e := m.pin(key)
	defer m.unpin(e)
	return e.object.Sync(func(s *slot[K, T]) R { return job(m.value(e, s)) })
}

// Future is [Desync.Future] on the object of key.
func (m *Map[K, T]) Future[R any](key K, job func(data *T) R) *futures.Future[R] {
	if job == nil {
		panic("desync: Map.Future: the job is nil")
	}
	e := m.pin(key)
	queued := false
	defer m.unpinUnless(&queued, e)
	f := e.object.Future(func(s *slot[K, T]) R {
		defer m.unpin(e)
		return job(m.value(e, s))
	})
	queued = true
	return f
}

// DoContext is [Desync.DoContext] on the object of key.
func (m *Map[K, T]) DoContext(ctx context.Context, key K, job func(ctx context.Context, data *T) error) error {
	if ctx == nil || job == nil {
		panic("desync: Map.DoContext: the context and the job must not be nil")
	}
	return m.doContext(ctx, "DoContext", key, job)
}

func (m *Map[K, T]) doContext(ctx context.Context, call string, key K, job func(context.Context, *T) error) error {
	m.mustKey(key) // also if ctx has ended
	if ctx.Err() != nil {
		return m.notRun(ctx, call, key)
	}
	e := m.pin(key)
	defer m.unpin(e)
	return e.object.doContext(ctx, call, func(ctx context.Context, s *slot[K, T]) error {
		return job(ctx, m.value(e, s))
	})
}

// SyncContext is [Desync.SyncContext] on the object of key.
func (m *Map[K, T]) SyncContext[R any](ctx context.Context, key K, job func(ctx context.Context, data *T) (R, error)) (result R, err error) {
	if ctx == nil || job == nil {
		panic("desync: Map.SyncContext: the context and the job must not be nil")
	}
	err = m.doContext(ctx, "SyncContext", key, func(ctx context.Context, data *T) (err error) {
		result, err = job(ctx, data)
		return err
	})
	return result, err
}

// FutureContext is [Desync.FutureContext] on the object of key.
func (m *Map[K, T]) FutureContext[R any](ctx context.Context, key K, job func(ctx context.Context, data *T) (R, error)) *futures.Future[R] {
	if ctx == nil || job == nil {
		panic("desync: Map.FutureContext: the context and the job must not be nil")
	}
	m.mustKey(key)
	if ctx.Err() != nil {
		return futures.Rejected[R](m.notRun(ctx, "FutureContext", key))
	}
	e := m.pin(key)
	ran := false
	return e.object.futureContext(ctx, func(ctx context.Context, s *slot[K, T]) (R, error) {
		ran = true
		defer m.unpin(e)
		return job(ctx, m.value(e, s))
	}, func() {
		if !ran { // it was canceled
			m.unpin(e)
		}
	})
}

// Delete removes the value of key, in its turn among the jobs for the key, and returns
// at once. Jobs handed over later find a new value. Delete does nothing if the map has
// nothing for key.
func (m *Map[K, T]) Delete(key K) {
	if e := m.find(key); e != nil && m.repin(e) {
		queued := false
		defer m.unpinUnless(&queued, e)
		e.object.Async(func(s *slot[K, T]) {
			defer m.unpin(e)
			e.clear(s)
		})
		queued = true
	}
}

// describe names the map in messages.
func (m *Map[K, T]) describe() string { return describe(m.config, m) }
