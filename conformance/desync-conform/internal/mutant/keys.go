package mutant

import (
	"sync"
	"time"

	"github.com/go-desync/go-desync/conformance"
)

// The switches of the table of keys.
const (
	keyMadeTwice      fault = "key-made-twice"
	deletedKeyHasTwo  fault = "deleted-key-has-two-objects"
	keysShareStripes  fault = "keys-share-stripes"
	deletedKeyStays   fault = "deleted-key-stays"
	keyGoroutineStays fault = "key-goroutine-stays"
	idleKeyStays      fault = "idle-key-stays"
	deleteWaits       fault = "delete-waits"
	deleteOvertakes   fault = "delete-overtakes"
	deleteIgnored     fault = "delete-ignored"
	evictedUnseen     fault = "evicted-unseen"
	unsavedEvicted    fault = "unsaved-evicted"
	unsavedStays      fault = "unsaved-stays"
	atMakesKey        fault = "at-makes-key"
	lenWaits          fault = "len-waits"
	deleteIfLate      fault = "delete-if-late"
	deleteIfMakesKey  fault = "delete-if-makes-key"
	deleteIfRacy      fault = "delete-if-racy"
	presentLooksEarly fault = "present-looks-early"
	presentMakesKey   fault = "present-makes-key"
)

// keys are the mutants of tables of objects by key.
func keys() []Mutant {
	return family("keys", conformance.Short, []Mutant{
		{Name: string(keyMadeTwice), Rule: "KEY-1", Doc: "a call that finds no key makes one W later, whatever has come meanwhile", Range: Range{Low: 50, High: 2000, Unit: "ns"}},
		{Name: string(deletedKeyHasTwo), Rule: "KEY-1", Doc: "Delete takes the key out of the table at once, and the next call makes another object"},
		{Name: string(keysShareStripes), Rule: "KEY-2", Doc: "keys share N locks, which are held while jobs run", Range: Range{Low: 1, High: 256, Unit: "locks"}},
		{Name: string(deletedKeyStays), Rule: "KEY-3", Doc: "Delete removes the State, and leaves the key"},
		{Name: string(keyGoroutineStays), Rule: "KEY-3", Doc: "each key has a goroutine, which goes on when the key is removed"},
		{Name: string(idleKeyStays), Rule: "KEY-3", Doc: "a State that was used by one job is never evicted"},
		{Name: string(deleteWaits), Rule: "KEY-4", Doc: "Delete returns when the State is removed"},
		{Name: string(deleteOvertakes), Rule: "KEY-4", Doc: "Delete takes effect in front of what is queued"},
		{Name: string(deleteIgnored), Rule: "KEY-4", Doc: "a Delete of a key that has a job does nothing"},
		{Name: string(evictedUnseen), Rule: "KEY-4", Doc: "the function for evicted States is told of every second one"},
		{Name: string(unsavedEvicted), Rule: "KEY-4", Doc: "a State goes although the function for evicted States has failed"},
		{Name: string(unsavedStays), Rule: "KEY-4", Doc: "a State for which the function for evicted States has failed is not tried again until it is used"},
		{Name: string(atMakesKey), Rule: "KEY-5", Doc: "At makes the key"},
		{Name: string(lenWaits), Rule: "KEY-5", Doc: "Len takes the turn of each key"},
		{Name: string(deleteIfLate), Rule: "KEY-6", Doc: "a State whose job decides that it goes is removed by a Delete behind what is queued"},
		{Name: string(deleteIfMakesKey), Rule: "KEY-6", Doc: "DeleteIf of a key without a State makes one"},
		{Name: string(deleteIfRacy), Rule: "KEY-6", Doc: "a key whose job decides that its State goes is taken out of the table, with those who are about to call it"},
		{Name: string(presentLooksEarly), Rule: "KEY-7", Doc: "DoIfPresent looks when it is called whether there is a State"},
		{Name: string(presentMakesKey), Rule: "KEY-7", Doc: "DoIfPresent makes a State, and removes it if its job has run on a new one"},
	})
}

// A table is a map of objects with a lock.
type table struct {
	*shared
	mu      sync.Mutex
	entries map[int]*keyEntry
	locks   []sync.Mutex // for keysShareStripes

	after   time.Duration // of EvictIdle, or 0
	evicted func(int, *conformance.State) error
	armed   bool
	unseen  int
}

// A keyEntry is in the table while it has a State, or a call that uses it.
type keyEntry struct {
	*object
	key     int
	pins    int  // the rest with the table's mu
	present bool // it has a State
	unsaved bool // since it was last used
	uses    int
	used    time.Time
}

func newTable(s *shared) *table {
	t := &table{shared: s, entries: map[int]*keyEntry{}}
	if s.is(keysShareStripes) {
		t.locks = make([]sync.Mutex, s.n)
	}
	return t
}

// pin returns the entry of a key, which stays until unpin. If there is none, it makes one,
// or returns nil.
func (t *table) pin(key int, makes bool) *keyEntry {
	t.mu.Lock()
	defer t.mu.Unlock()
	e := t.entries[key]
	if e == nil && !makes {
		return nil
	}
	if e == nil {
		if t.is(keyMadeTwice) {
			t.mu.Unlock()
			spin(t.d)
			t.mu.Lock()
		}
		e = &keyEntry{object: t.object(), key: key}
		t.entries[key] = e
		if t.is(keyGoroutineStays) {
			never := make(chan struct{})
			go func() { <-never }()
		}
		t.arm()
	}
	e.pins++
	return e
}

// unpin ends a use of an entry.
func (t *table) unpin(e *keyEntry) {
	t.mu.Lock()
	defer t.mu.Unlock()
	e.used, e.unsaved = time.Now(), false
	e.uses++
	t.letGo(e)
}

// letGo removes an entry that nobody needs. With mu held.
func (t *table) letGo(e *keyEntry) {
	e.pins--
	if e.pins == 0 && !e.present && !t.is(deletedKeyStays) && t.entries[e.key] == e {
		delete(t.entries, e.key)
	}
}

// state returns the State of a key in its turn, and notes that there is one.
func (t *table) state(e *keyEntry) *conformance.State {
	t.mu.Lock()
	defer t.mu.Unlock()
	e.present = true
	return &e.object.state
}

func (t *table) has(e *keyEntry) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return e.present
}

// clear removes the State of a key in its turn.
func (t *table) clear(e *keyEntry) {
	e.object.state = conformance.State{}
	t.mu.Lock()
	defer t.mu.Unlock()
	e.present = false
}

// during is called around a job of a key.
func (t *table) during(key int) (leave func()) {
	if t.locks == nil {
		return func() {}
	}
	lock := &t.locks[key%len(t.locks)]
	lock.Lock()
	return lock.Unlock
}

func (t *table) At(key int) conformance.Object {
	if t.is(atMakesKey) {
		t.pin(key, true)
	}
	return keyObject{t, key}
}

// A keyObject is the object of a key.
type keyObject struct {
	*table
	key int
}

func (k keyObject) Async(f job) {
	e := k.pin(k.key, true)
	e.object.Async(func(*conformance.State) {
		defer k.unpin(e)
		defer k.during(k.key)()
		f(k.state(e))
	})
}

func (k keyObject) Do(f job) {
	e := k.pin(k.key, true)
	defer k.unpin(e)
	e.object.Do(func(*conformance.State) {
		defer k.during(k.key)()
		f(k.state(e))
	})
}
