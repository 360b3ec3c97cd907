package desync

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
)

// A table finds the entries of a Map by their keys.
//
// It is a hash table with linear probing, in shards, each with slots of its own, so that one
// that grows delays no more than its share. Looking up takes no lock; a change takes that of
// the shard. The two agree since an entry keeps its slot as long as the slots are in use: to
// grow or to shrink, a shard copies its entries to new slots, and leaves the old ones as they
// are. Who still looks through those finds what the table had when they were replaced, which
// was during that look.
//
// The key stands in the entry only, with its type. A sync.Map has its keys in interfaces,
// which costs an allocation for each, and looking one up takes twice as long.
type table[K comparable, T any] struct {
	seed  maphash.Seed
	grave *entry[K, T] // stands in the slot of a removed entry, so that those behind it are found

	// The slots are apart from the locks, since only the locks are written to all the time.
	slots [shards]atomic.Pointer[slots[K, T]]
	locks [shards]shard
}

// A shard guards the slots of the same number. A look-up reads neither.
type shard struct {
	mu     sync.Mutex
	n      int  // how many entries there are
	used   int  // how many slots are not nil
	walked bool // the next entry needs new slots; see once
}

const (
	shardBits = 4
	shards    = 1 << shardBits
	fewSlots  = 8
)

// slots is a power of two of slots. At least a quarter is nil, and a search ends there.
type slots[K comparable, T any] struct {
	of []atomic.Pointer[entry[K, T]]

	// homes has where the search for each entry begins, so that resize need not fetch the
	// entries. It is guarded by the lock of the shard.
	homes []uint32
}

func (t *table[K, T]) init() {
	t.seed = maphash.MakeSeed()
	t.grave = new(entry[K, T])
}

// hash tells the shard, by its top bits, and where the search begins. It panics if the key
// cannot be hashed.
func (t *table[K, T]) hash(key K) uint64 { return maphash.Comparable(t.seed, key) }

// find returns the entry of key, or nil. It must not be called before init.
func (t *table[K, T]) find(key K) *entry[K, T] {
	h := maphash.Comparable(t.seed, key)
	s := t.slots[h>>(64-shardBits)].Load()
	if s == nil {
		return nil
	}
	for ; ; h++ {
		e := s.of[h&uint64(len(s.of)-1)].Load()
		if e == nil || e.data.key == key && e != t.grave {
			return e
		}
	}
}

// insert adds e, and reports whether it did: not if its key is there.
func (t *table[K, T]) insert(e *entry[K, T]) bool {
	h := t.hash(e.key())
	i := h >> (64 - shardBits)
	l := &t.locks[i]
	l.mu.Lock()
	defer l.mu.Unlock()
	s := t.slots[i].Load()
	if s == nil || l.walked || 4*(l.used+1) > 3*len(s.of) {
		s = t.resize(i)
	}
	home, free, found := uint32(h), h, false
	for ; ; h++ {
		switch other := s.at(h).Load(); {
		case other == nil:
			if !found {
				free = h
				l.used++
			}
			s.put(free, home, e)
			l.n++
			return true
		case other == t.grave:
			if !found {
				free, found = h, true
			}
		case other.key() == e.key():
			return false
		}
	}
}

// remove removes e, if it is there.
func (t *table[K, T]) remove(e *entry[K, T]) {
	h := t.hash(e.key())
	i := h >> (64 - shardBits)
	l := &t.locks[i]
	l.mu.Lock()
	defer l.mu.Unlock()
	s := t.slots[i].Load()
	if s == nil {
		return
	}
	for ; s.at(h).Load() != e; h++ {
		if s.at(h).Load() == nil {
			return
		}
	}
	l.n--
	s.at(h).Store(t.grave)
	if s.at(h+1).Load() == nil { // no search goes on behind this slot
		for ; s.at(h).Load() == t.grave; h-- {
			s.at(h).Store(nil)
			l.used--
		}
	}
	if len(s.of) > fewSlots && 8*l.n < len(s.of) {
		t.resize(i)
	}
}

func (s *slots[K, T]) at(h uint64) *atomic.Pointer[entry[K, T]] {
	return &s.of[h&uint64(len(s.of)-1)]
}

func (s *slots[K, T]) put(h uint64, home uint32, e *entry[K, T]) {
	s.homes[h&uint64(len(s.of)-1)] = home
	s.at(h).Store(e)
}

// resize gives shard i new slots, at most half of them used when one more entry has come.
// Its lock is held.
func (t *table[K, T]) resize(i uint64) *slots[K, T] {
	l := &t.locks[i]
	size := fewSlots
	for size < 2*(l.n+1) {
		size *= 2
	}
	old := t.slots[i].Load()
	s := &slots[K, T]{make([]atomic.Pointer[entry[K, T]], size), make([]uint32, size)}
	if old != nil {
		for j := range old.of {
			e := old.of[j].Load()
			if e == nil || e == t.grave {
				continue
			}
			h := uint64(old.homes[j])
			for s.at(h).Load() != nil {
				h++
			}
			s.put(h, old.homes[j], e)
		}
	}
	l.used, l.walked = l.n, false
	t.slots[i].Store(s)
	return s
}

// all calls yield for each entry until that returns false. An entry that is added or
// removed meanwhile is seen or not; the others are seen once. A key that was seen may be
// seen again, if its entry was removed and it has got a new one.
func (t *table[K, T]) all(yield func(*entry[K, T]) bool) {
	for i := range t.slots {
		if !t.each(t.slots[i].Load(), yield) {
			return
		}
	}
}

// once is all, but no key is seen twice: while it walks, no entry comes into the slots that
// it walks through. The price is that the next one of a shard pays for a copy of the slots.
func (t *table[K, T]) once(yield func(*entry[K, T]) bool) {
	for i := range t.slots {
		l := &t.locks[i]
		l.mu.Lock()
		s := t.slots[i].Load()
		l.walked = true
		l.mu.Unlock()
		if !t.each(s, yield) {
			return
		}
	}
}

func (t *table[K, T]) each(s *slots[K, T], yield func(*entry[K, T]) bool) (goOn bool) {
	if s == nil {
		return true
	}
	for i := range s.of {
		if e := s.of[i].Load(); e != nil && e != t.grave && !yield(e) {
			return false
		}
	}
	return true
}
