package desync

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// The pauses after which a removal that has failed is tried again. Those that are due
// within a gap are tried together, so that many of them are not looked through each time
// that one is due.
const (
	firstPause = time.Second
	lastPause  = 5 * time.Minute
	gap        = firstPause / 4
)

// retries has the values that should have gone, and were kept because the hook has failed.
// There is a timer only while one of them is to be tried again.
type retries[K comparable, T any] struct {
	n atomic.Int64 // len(entries): without any, nobody needs the lock

	mu      sync.Mutex
	entries map[*entry[K, T]]*retry
	timer   *time.Timer // nil if none is set
	at      time.Time   // when it fires
	set     uint64      // how many timers were set: those that were replaced do nothing
	bubble  int32       // the synctest bubble that timer belongs to; see evictor.enter
	busy    bool        // ring runs, and will set the timer
}

// A retry belongs to one value: it is forgotten when the value goes.
type retry struct {
	pause   time.Duration
	due     time.Time // zero while it is being tried
	deleted bool      // it is to go even if the key is in use
}

// keep notes that the removal of e's value has failed. It is called in a job of e.
func (r *retries[K, T]) keep(m *Map[K, T], e *entry[K, T], deleted bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	k := r.entries[e]
	if k == nil {
		k = new(retry)
		if r.entries == nil {
			r.entries = make(map[*entry[K, T]]*retry)
		}
		r.entries[e] = k
		r.n.Add(1)
	}
	k.deleted = k.deleted || deleted
	k.pause = min(max(2*k.pause, firstPause), lastPause)
	k.due = time.Now().Add(k.pause)
	r.move(m)
	r.setTimer(m, k.due)
}

// again makes k due again, if e's value has not gone. It could not be tried.
func (r *retries[K, T]) again(m *Map[K, T], e *entry[K, T], k *retry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.entries[e] == k {
		k.due = time.Now().Add(k.pause)
		r.move(m)
		r.setTimer(m, k.due)
	}
}

// has reports whether e's value is kept.
func (r *retries[K, T]) has(e *entry[K, T]) bool { return r.of(e) != nil }

func (r *retries[K, T]) of(e *entry[K, T]) *retry {
	if r.n.Load() == 0 {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.entries[e]
}

// forget is called in a job when e's value goes.
func (r *retries[K, T]) forget(m *Map[K, T], e *entry[K, T]) {
	if r.n.Load() == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.remove(m, e)
}

func (r *retries[K, T]) remove(m *Map[K, T], e *entry[K, T]) {
	if r.entries[e] == nil {
		return
	}
	delete(r.entries, e)
	if r.n.Add(-1) > 0 {
		return
	}
	r.entries = nil // a map does not shrink
	r.move(m)
	if r.timer != nil && r.timer.Stop() {
		r.timer = nil
	}
}

// setTimer sees to it that ring runs at due, or before. mu is locked, and move was called.
func (r *retries[K, T]) setTimer(m *Map[K, T], due time.Time) {
	if r.busy || r.timer != nil && !due.Before(r.at) {
		return
	}
	if r.timer != nil && !r.timer.Stop() {
		return // ring is about to run
	}
	r.set++
	set := r.set
	r.at, r.bubble = due, bubble()
	r.timer = time.AfterFunc(time.Until(due), func() { r.ring(m, set) })
}

// enter moves the timer to the caller's synctest bubble, as that of the evictor.
func (r *retries[K, T]) enter(m *Map[K, T]) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.move(m)
}

// move replaces the timer if it belongs to another bubble. The clock is another one too, so
// all pauses begin again. mu is locked.
func (r *retries[K, T]) move(m *Map[K, T]) {
	if !testing.Testing() || r.timer == nil || r.bubble == bubble() {
		return
	}
	r.timer = nil
	r.set++ // if the timer fires all the same, it does nothing
	now := time.Now()
	for _, k := range r.entries {
		if !k.due.IsZero() {
			k.due = now.Add(k.pause)
		}
	}
	r.setForNext(m, now)
}

// setForNext sets the timer for the retry that is due next, but not before soonest.
func (r *retries[K, T]) setForNext(m *Map[K, T], soonest time.Time) {
	var next time.Time
	for _, k := range r.entries {
		if !k.due.IsZero() && (next.IsZero() || k.due.Before(next)) {
			next = k.due
		}
	}
	switch {
	case next.IsZero():
	case next.Before(soonest):
		r.setTimer(m, soonest)
	default:
		r.setTimer(m, next)
	}
}

// ring tries again what is due. It is called by the timer.
func (r *retries[K, T]) ring(m *Map[K, T], set uint64) {
	m.config.label()
	r.mu.Lock()
	if r.set != set || r.timer == nil {
		r.mu.Unlock()
		return
	}
	r.timer, r.busy = nil, true
	now := time.Now()
	type try struct {
		e *entry[K, T]
		k *retry
	}
	var tries []try
	for e, k := range r.entries {
		if !k.due.IsZero() && !k.due.After(now) {
			k.due = time.Time{}
			tries = append(tries, try{e, k})
		}
	}
	r.mu.Unlock()
	// Deferred, because the hook may call runtime.Goexit.
	defer func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.busy = false
		for _, t := range tries {
			if r.entries[t.e] == t.k && t.k.due.IsZero() {
				t.k.due = now
			}
		}
		r.setForNext(m, time.Now().Add(gap))
	}()
	for len(tries) > 0 {
		t := tries[0]
		tries = tries[1:]
		m.config.guarded(func() { r.try(m, t.e, t.k) })
	}
}

func (r *retries[K, T]) try(m *Map[K, T], e *entry[K, T], k *retry) {
	r.mu.Lock()
	deleted := k.deleted
	r.mu.Unlock()
	if deleted {
		if e.repin() {
			m.delete(e, k)
		}
		return
	}
	defer func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.entries[e] == k && k.due.IsZero() {
			r.remove(m, e) // it is in use, or was: a sweep will find it when it is idle again
		}
	}()
	m.evict(e, m.evictor.tick.Load())
}
