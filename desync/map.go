package desync

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
)

// A Map is a family of objects, one for each key. [Map.At] returns the object of a key.
// It is made by the first job for the key and removed by [Map.Delete], or when it has been
// idle for as long as [Map.EvictIdle] says; [Map.OnRemove] names a function that is given
// the value before. A key never has two objects at the same time.
//
// Each key's jobs keep the rules of [Desync]; keys do not delay each other. A map
// needs no goroutine while nothing runs, and no Close. Make it with [NewMap], or with
// [NewMapContext] if making a value may fail. It must not be copied. Its zero value and the
// keys of that can be printed; all their other methods panic, except At.
type Map[K comparable, T any] struct {
	newValue func(context.Context, K) (T, error)
	failed   func(K, error) // of NewMapContext; else nil
	config   *config
	evictor  evictor[K, T]
	removal  removal[K, T]
	entries  table[K, T]
	count    atomic.Int64 // of keys; behind the locks of the table, since it is written as often
}

// NewMap returns a map whose values are made by newValue. It is called in the turn
// of the first job for a key, before the job and on the same goroutine. If it
// panics, the job panics and does not run, and the next job for the key tries
// again. The options apply to every object of the map. For values that may fail to be made,
// or take a context, see [NewMapContext].
//
// NewMap panics if newValue is nil.
func NewMap[K comparable, T any](newValue func(K) T, opts ...Option) *Map[K, T] {
	if newValue == nil {
		panic("desync: NewMap: the function that makes values is nil")
	}
	return newMap(func(_ context.Context, key K) (T, error) { return newValue(key), nil }, nil, opts)
}

// An entry is the object of a key. It outlives the value: Delete and eviction remove the
// value in a job of the object, and the next job makes a new one. So the order is kept.
//
// The entry itself is removed from the map when it has neither a value nor a call that
// uses it. Both are counted in pins, so the decision is one swap, from zero to removed. A
// call has either pinned the entry before that, or finds it removed and starts again. A call
// that finds the object idle takes it in place of a pin; see key_idle.go.
type entry[K comparable, T any] Desync[slot[K, T]]

func (e *entry[K, T]) object() *Desync[slot[K, T]] { return (*Desync[slot[K, T]])(e) }

// A slot is the data of an entry's object. The map and the key do not change, and the two
// numbers are not only for jobs. They stand before the key, so that most often they are in
// the cache line of the object.
type slot[K comparable, T any] struct {
	m     *Map[K, T]
	pins  atomic.Int64  // calls and jobs that use the entry, fencing for each fence, plus hasValue; or removed
	used  atomic.Uint64 // the tick at which the last use ended; see evictor
	key   K
	value T
}

// newEntry returns an entry that is not in the map. m may be nil.
func (m *Map[K, T]) newEntry(key K) *entry[K, T] {
	e := new(entry[K, T])
	if m != nil {
		e.core.cfg = m.config
	}
	e.data.m, e.data.key = m, key
	return e
}

// identity is that of the slot's object. The map is known by its type: the address of one
// that has no name says nothing to those who read an error.
func (s *slot[K, T]) identity(c *config) (object string, key any) {
	if c != nil && c.name != "" {
		return strconv.Quote(c.name), s.key
	}
	return strings.TrimPrefix(fmt.Sprintf("%T", (*Map[K, T])(nil)), "*"), s.key
}

func (s *slot[K, T]) keyOf() any { return s.key }

const (
	removed  = -1
	fencing  = 1 << 32 // what a fence of Wait counts, so that it is told from a job
	hasValue = 1 << 62 // added and taken away in jobs
)

func (e *entry[K, T]) key() K     { return e.data.key }
func (e *entry[K, T]) live() bool { return e.data.pins.Load() >= hasValue }

// inUse reports whether the entry has a job or a call: one that has neither a pin nor the
// turn was not accepted yet.
func (e *entry[K, T]) inUse() bool {
	n := e.data.pins.Load()
	return n != removed && (n%hasValue > 0 || e.core.state.Load() != idle)
}

// jobs returns how many jobs the entry has. It must be pinned: by a job or a fence, or by
// others, whose pins are no jobs.
func (e *entry[K, T]) jobs(others int) int {
	n := e.data.pins.Load() % hasValue
	jobs, fences := int(n%fencing)-others, int(n/fencing)
	if e.core.accepted() > jobs+fences {
		jobs++ // the one that runs has no pin
	}
	return jobs
}

// pin returns the entry of key, and makes it if there is none. It cannot be removed
// before unpin.
func (m *Map[K, T]) pin(key K) *entry[K, T] {
	m.mustKey(key)
	m.evictor.enter(m)
	for {
		e := m.find(key)
		if e == nil {
			e = m.newEntry(key)
			if m.config != nil && m.config.observer != nil {
				e.core.cfg = m.config.of(key)
			}
			e.data.pins.Store(1)
			at(insertEntry)
			if m.entries.insert(e) {
				m.count.Add(1)
				m.evictor.wake(m)
				return e
			}
			continue
		}
		if e.repin() {
			return e
		}
	}
}

func (m *Map[K, T]) mustBeMade() {
	switch {
	case m == nil:
		panic("desync: Key: a zero Key, or one of a nil Map, has no object; make the Map with NewMap, and the Key with its At")
	case m.newValue == nil:
		panic("desync: Map: the zero Map cannot make values; make it with NewMap")
	}
}

// find returns the entry of key, or nil.
func (m *Map[K, T]) find(key K) *entry[K, T] {
	if m.newValue == nil {
		return nil // the zero Map can be printed
	}
	return m.entries.find(key)
}

func (m *Map[K, T]) mustKey(key K) {
	m.mustBeMade()
	if key != key {
		panic(fmt.Sprintf("desync: Map: the key %v does not equal itself, so it cannot be found again", key))
	}
}

// repin pins e unless it is removed.
func (e *entry[K, T]) repin() bool {
	for {
		at(pinSwap)
		n := e.data.pins.Load()
		if n == removed {
			// It is about to be removed from the map; make sure that it is.
			e.data.m.entries.remove(e)
			return false
		}
		if e.data.pins.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// unpin lets go of e after a use, and removes it if it is no longer needed.
func (e *entry[K, T]) unpin() {
	e.use()
	e.drop()
}

// unpinInTurn is unpin for a caller that has the turn. Then the entry is removed at once.
func (e *entry[K, T]) unpinInTurn() {
	e.use()
	e.dropInTurn()
}

// drop is unpin after what was no use.
func (e *entry[K, T]) drop() {
	at(unpinAdd)
	if e.data.pins.Add(-1) == 0 {
		e.removeLater()
	}
}

// dropInTurn is drop for a caller that has the turn.
func (e *entry[K, T]) dropInTurn() {
	at(unpinAdd)
	if e.data.pins.Add(-1) == 0 {
		e.removeInTurn()
	}
}

// use notes that a use has ended.
func (e *entry[K, T]) use() {
	if t := e.data.m.evictor.tick.Load(); e.data.used.Load() != t {
		e.data.used.Store(t)
	}
}

// unpinUnless lets go of e if a call did not return, because of an observer's Queued: the
// job that would have let go of it was not queued.
func (e *entry[K, T]) unpinUnless(queued *bool) {
	if !*queued {
		e.unpin()
	}
}

// clear removes the value. It is called in a job.
func (e *entry[K, T]) clear() {
	if e.live() {
		s := &e.data
		s.m.removal.kept.forget(s.m, e)
		s.value = *new(T)
		e.data.pins.Add(-hasValue)
	}
}

// Delete removes the value of key, in its turn among the jobs for the key, and returns
// at once. Jobs handed over later find a new value. The function of [Map.OnRemove] is given
// the value before; if it fails, the value stays, and is deleted later. Delete does nothing
// if the map has nothing for key.
//
// Delete panics if the key does not equal itself.
func (m *Map[K, T]) Delete(key K) {
	m.mustKey(key)
	if e := m.find(key); e != nil && e.repin() {
		m.delete(e, nil)
	}
}

// delete queues the removal of the value of e, which is pinned. If k is not nil, it is one
// that has failed before.
func (m *Map[K, T]) delete(e *entry[K, T], k *retry) {
	queued := false
	defer func() {
		if queued {
			return
		}
		if k != nil {
			m.removal.kept.again(m, e, k)
		}
		e.unpin()
	}()
	e.object().Async(func(*slot[K, T]) {
		defer e.unpinInTurn()
		// If the value has gone since, another is not to go in its place.
		if k == nil || m.removal.kept.of(e) == k {
			e.removeValue(true)
		}
	})
	queued = true
}

// describe names the map in messages.
func (m *Map[K, T]) describe() string { return describe(m.config, m) }
