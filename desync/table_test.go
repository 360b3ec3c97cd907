package desync

import (
	"maps"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

// check compares what t has with want, and its counts with its slots.
func (t *table[K, T]) check(test *testing.T, want map[K]*entry[K, T]) {
	test.Helper()
	got := map[K]*entry[K, T]{}
	for e := range t.all {
		if got[e.key()] != nil {
			test.Errorf("the key %v is seen twice", e.key())
		}
		got[e.key()] = e
	}
	if !maps.Equal(got, want) {
		test.Errorf("the table has %d entries; want %d, the same", len(got), len(want))
	}
	for key, e := range want {
		if t.find(key) != e {
			test.Errorf("the entry of %v is not found", key)
		}
	}
	for i := range t.locks {
		entries, used, size := 0, 0, 0
		if s := t.slots[i].Load(); s != nil {
			size = len(s.of)
			for j := range s.of {
				if e := s.of[j].Load(); e != nil {
					used++
					if e != t.grave {
						entries++
					}
				}
			}
		}
		if l := &t.locks[i]; l.n != entries || l.used != used {
			test.Errorf("shard %d counts %d entries and %d slots; it has %d and %d", i, l.n, l.used, entries, used)
		}
		if size > 0 && 4*used > 3*size {
			test.Errorf("shard %d uses %d slots of %d: a search may be long", i, used, size)
		}
		if size > max(fewSlots, 8*entries) {
			test.Errorf("shard %d has %d slots for %d entries", i, size, entries)
		}
	}
}

// What a table does in any order of calls, as it grows and shrinks.
func TestKEY1_TableIsAMap(t *testing.T) {
	m := NewMap(func(int) int { return 0 })
	r := rand.New(rand.NewPCG(1, 2))
	want := map[int]*entry[int, int]{}
	for _, keys := range []int{3, 100, 2_000, 100, 3} {
		for key := range want {
			if key >= keys {
				m.entries.remove(want[key])
				delete(want, key)
			}
		}
		for range 10 * keys {
			key := r.IntN(keys)
			switch e := want[key]; {
			case e == nil:
				e = m.newEntry(key)
				m.entries.remove(e) // it is not there
				if m.entries.find(key) != nil || !m.entries.insert(e) {
					t.Fatalf("the key %d is there before its entry", key)
				}
				want[key] = e
			case m.entries.insert(m.newEntry(key)):
				t.Fatalf("KEY-1: the key %d has two entries", key)
			case r.IntN(2) == 0:
				m.entries.remove(m.newEntry(key)) // another one
				m.entries.remove(e)
				m.entries.remove(e)
				delete(want, key)
			}
		}
		m.entries.check(t, want)
	}
}

// The zero key is no different, although the entry that stands for removed ones has it.
func TestKEY1_TableTellsTheZeroKeyFromRemovedOnes(t *testing.T) {
	m := NewMap(func(int) int { return 0 })
	want := map[int]*entry[int, int]{}
	for key := range 1_000 {
		e := m.newEntry(key)
		m.entries.insert(e)
		want[key] = e
	}
	graves := 0
	for key := range 1_000 {
		m.entries.remove(want[key])
		delete(want, key)
		if m.entries.find(0) != nil {
			t.Fatal("the key 0, which was removed, is found")
		}
		for i := range m.entries.locks {
			graves += m.entries.locks[i].used - m.entries.locks[i].n
		}
	}
	if graves == 0 {
		t.Error("no removed entry has left a slot behind, so this test has seen nothing")
	}
	m.entries.check(t, want)
}

// Keys that come and go leave no slots behind, however many they were.
func TestKEY3_TableGivesItsSlotsBack(t *testing.T) {
	m := NewMap(func(int) int { return 0 })
	const keys = 20_000
	for key := range keys {
		m.entries.insert(m.newEntry(key))
	}
	for key := range keys {
		m.entries.remove(m.entries.find(key))
	}
	for key := range keys { // one at a time
		e := m.newEntry(key)
		m.entries.insert(e)
		m.entries.remove(e)
	}
	m.entries.check(t, nil)
}

// Keys that go and come back while somebody walks through the table are not seen twice.
func TestTableShowsNoKeyTwice(t *testing.T) {
	m := NewMap(func(int) int { return 0 })
	const keys = 100
	r := rand.New(rand.NewPCG(1, 2))
	for key := range keys {
		m.entries.insert(m.newEntry(key))
	}
	others := keys // keys that take the slots of those that go
	for range 3 {
		seen := map[int]bool{}
		for e := range m.entries.once {
			if e.key() >= keys {
				continue
			}
			if seen[e.key()] {
				t.Fatalf("the key %d is seen twice", e.key())
			}
			seen[e.key()] = true
			for key := range seen {
				m.entries.remove(m.entries.find(key))
			}
			for range 20 {
				m.entries.insert(m.newEntry(others))
				if e := m.entries.find(others - 20); e != nil && others-20 >= keys {
					m.entries.remove(e)
				}
				others++
			}
			for _, key := range r.Perm(keys) {
				m.entries.insert(m.newEntry(key))
			}
		}
		if len(seen) != keys {
			t.Errorf("%d keys were seen; want all of %d: the entries of those that were not seen have stayed", len(seen), keys)
		}
	}
}

// While other keys come and go, and the table grows and shrinks, a key that is there is
// always found, and seen once by whoever looks at all.
func TestKEY1_TableFindsKeysWhileOthersComeAndGo(t *testing.T) {
	m := NewMap(func(int) int { return 0 })
	const staying = 100
	want := map[int]*entry[int, int]{}
	for key := range staying {
		want[key] = m.newEntry(key)
		m.entries.insert(want[key])
	}
	rounds := 10
	if testing.Short() {
		rounds = 3
	}
	var over atomic.Bool
	var changing, looking sync.WaitGroup
	for g := range 2 {
		changing.Go(func() {
			for range rounds {
				from := staying + g*1_000
				for key := from; key < from+1_000; key++ {
					m.entries.insert(m.newEntry(key))
				}
				for key := from; key < from+1_000; key++ {
					m.entries.remove(m.entries.find(key))
				}
			}
		})
	}
	for range 2 {
		looking.Go(func() {
			for ; !over.Load(); runtime.Gosched() { // nothing else makes it yield on js/wasm
				for key, e := range want {
					if m.entries.find(key) != e {
						t.Errorf("the key %d is not found", key)
						return
					}
				}
				seen := map[int]int{}
				for e := range m.entries.all {
					seen[e.key()]++
				}
				for key := range want {
					if seen[key] != 1 {
						t.Errorf("the key %d is seen %d times", key, seen[key])
						return
					}
				}
			}
		})
	}
	changing.Wait()
	over.Store(true)
	looking.Wait()
	m.entries.check(t, want)
}
