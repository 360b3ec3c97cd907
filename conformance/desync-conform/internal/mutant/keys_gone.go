package mutant

import (
	"time"

	"github.com/go-desync/go-desync/conformance"
)

func (t *table) Delete(key int) {
	e := t.pin(key, false)
	switch {
	case e == nil:
		return
	case t.is(deletedKeyHasTwo):
		t.mu.Lock()
		delete(t.entries, key)
		t.letGo(e)
		t.mu.Unlock()
		return
	case t.is(deleteIgnored) && !e.isIdle():
		t.unpin(e)
		return
	case t.is(deleteWaits):
		e.object.Do(func(*conformance.State) { t.clear(e) })
		t.unpin(e)
		return
	}
	remove := func(*conformance.State) {
		defer t.unpin(e)
		t.clear(e)
	}
	if t.is(deleteOvertakes) {
		e.mu.Lock()
		if e.busy {
			first := &entry{job: func() { remove(nil) }, queued: true}
			e.queue.pushFront(first)
			e.mu.Unlock()
			return
		}
		e.mu.Unlock()
	}
	e.object.Async(remove)
}

func (t *table) Len() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.is(lenWaits) {
		for _, e := range t.entries {
			t.mu.Unlock()
			e.object.Do(func(*conformance.State) {})
			t.mu.Lock()
		}
	}
	return len(t.entries)
}

func (t *table) DeleteIf(key int, f func(*conformance.State) bool) (deleted bool) {
	e := t.pin(key, t.is(deleteIfMakesKey))
	if e == nil {
		return false
	}
	defer t.unpin(e)
	e.object.Do(func(*conformance.State) {
		if !t.has(e) && !t.is(deleteIfMakesKey) {
			return
		}
		if deleted = f(t.state(e)); !deleted {
			return
		}
		switch t.fault {
		case deleteIfLate:
			t.Delete(key)
		case deleteIfRacy:
			t.mu.Lock()
			delete(t.entries, key)
			t.mu.Unlock()
		default:
			t.clear(e)
		}
	})
	return deleted
}

func (t *table) DoIfPresent(key int, f job) (ran bool) {
	e := t.pin(key, t.is(presentMakesKey))
	if e == nil {
		return false
	}
	defer t.unpin(e)
	early := t.is(presentLooksEarly) && t.has(e)
	e.object.Do(func(*conformance.State) {
		if ran = early || t.is(presentMakesKey) || t.has(e); ran {
			f(t.state(e))
		}
	})
	return ran
}

func (t *table) EvictIdle(after time.Duration, evicted func(int, *conformance.State) error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.after, t.evicted = after, evicted
	t.arm()
}

// arm starts a timer if there is something to evict. With mu held.
func (t *table) arm() {
	if t.after > 0 && !t.armed && len(t.entries) > 0 {
		t.armed = true
		time.AfterFunc(t.after/2, t.sweep)
	}
}

// sweep evicts what is idle.
func (t *table) sweep() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for key, e := range t.entries {
		if e.pins > 0 || !e.present || time.Since(e.used) < t.after || t.is(idleKeyStays) && e.uses == 1 || t.is(unsavedStays) && e.unsaved {
			continue
		}
		e.pins++
		go e.object.Async(func(st *conformance.State) {
			t.mu.Lock()
			tell := t.evicted
			if t.unseen++; t.is(evictedUnseen) && t.unseen%2 == 0 {
				tell = func(int, *conformance.State) error { return nil }
			}
			t.mu.Unlock()
			failed := tell(key, st) != nil
			if !failed || t.is(unsavedEvicted) {
				t.clear(e)
			}
			t.mu.Lock()
			e.used, e.unsaved = time.Now(), failed
			t.letGo(e)
			t.mu.Unlock()
		})
	}
	t.armed = false
	t.arm()
}
