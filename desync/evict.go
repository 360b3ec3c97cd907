package desync

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// An evictor removes idle values. Time is counted in ticks of a quarter of the idle
// limit. The end of a use notes the tick, and at each tick a sweep removes values that
// have not been used for more than four ticks. There is a timer only while the map has
// keys.
type evictor[K comparable, T any] struct {
	tick    atomic.Uint64
	after   atomic.Int64  // the limit; 0: never
	since   atomic.Uint64 // the tick at which it was set: idle times count from there
	running atomic.Bool   // a timer is set, or a sweep runs; see wake

	mu     sync.Mutex
	timer  *time.Timer // the last that was set
	bubble int32       // the synctest bubble that timer belongs to
}

const ticks = 4

// EvictIdle makes the map remove values that have not been used for the time after, or
// up to a quarter longer. A key is in use while a call for it or one of its jobs goes on,
// but for those whose names end in IfPresent, DeleteIf, and those that only look. The
// function of [Map.OnRemove] is given each value before, and may keep it.
//
// If an [Observer] panics before that function is called, the value stays and is tried
// again later.
//
// Another call of EvictIdle changes the limit at once, and idle times start again. With 0,
// the map evicts nothing; an eviction that has begun is made whole. EvictIdle panics if
// after is negative.
func (m *Map[K, T]) EvictIdle(after time.Duration) {
	m.mustBeMade()
	if after < 0 {
		panic(fmt.Sprintf("desync: Map.EvictIdle: the idle limit %v is negative; 0 turns eviction off", after))
	}
	v := &m.evictor
	if testing.Testing() {
		v.move(m)
	}
	v.mu.Lock()
	v.after.Store(int64(after))
	v.since.Store(v.tick.Load()) // nothing is idle for the old limit any more
	if v.timer != nil && v.timer.Stop() {
		v.timer = nil
		v.running.Store(false)
	}
	v.mu.Unlock()
	v.wake(m)
}

// wake sets the timer if the map has something that can expire.
func (v *evictor[K, T]) wake(m *Map[K, T]) {
	if v.after.Load() == 0 || m.Len() == 0 || !v.running.CompareAndSwap(false, true) {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.bubble = bubble()
	var t *time.Timer
	t = time.AfterFunc(max(time.Duration(v.after.Load())/ticks, 1), func() {
		v.mu.Lock()
		current := v.timer == t
		v.mu.Unlock()
		if current {
			v.sweep(m)
		}
	})
	v.timer = t
}

// enter replaces the timers of the map if they belong to another synctest bubble than the
// caller. They cannot be stopped from here, and if their bubble has ended they never fire.
// If one does fire, it sees that it was replaced.
func (v *evictor[K, T]) enter(m *Map[K, T]) {
	if !testing.Testing() {
		return
	}
	if v.after.Load() != 0 {
		v.move(m)
	}
	if m.removal.kept.n.Load() != 0 {
		m.removal.kept.enter(m)
	}
}

func (v *evictor[K, T]) move(m *Map[K, T]) {
	in := bubble()
	v.mu.Lock()
	other := v.timer != nil && v.bubble != in
	if other {
		v.timer = nil
		v.running.Store(false)
	}
	v.mu.Unlock()
	if other {
		v.wake(m)
	}
}

func (v *evictor[K, T]) sweep(m *Map[K, T]) {
	m.config.label()
	// Deferred, so that runtime.Goexit in the hook does not end the evictions. A key
	// that comes before running is cleared is seen by wake; one that comes after
	// wakes the evictor itself.
	defer func() {
		v.running.Store(false)
		v.wake(m)
	}()
	now := v.tick.Add(1)
	for e := range m.entries.all {
		if v.idle(e, now) && !m.removal.kept.has(e) {
			m.config.guarded(func() { m.evict(e, now) })
		}
	}
}

func (v *evictor[K, T]) idle(e *entry[K, T], now uint64) bool {
	return now > ticks+max(e.data.used.Load(), v.since.Load())
}

// evict removes the value of e if no other call uses it, and the hook agrees.
func (m *Map[K, T]) evict(e *entry[K, T], now uint64) {
	at(pinSwap)
	if !e.data.pins.CompareAndSwap(hasValue, hasValue+1) {
		return // in use, or removed
	}
	defer e.drop()
	// A call that comes from here on is queued behind this job, and finds a new
	// value. The object may be held for a moment yet by the goroutine of its last
	// job; then the next sweep will do.
	e.object().TryDo(func(*slot[K, T]) {
		if m.evictor.idle(e, now) { // else a call without a pin came between; see key_idle.go
			e.removeValue(false)
		}
	})
}
