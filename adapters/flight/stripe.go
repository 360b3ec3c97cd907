package flight

import (
	"math/bits"
	"sync"
	"unicode/utf8"
)

// A slot is what is kept of a job: two cache lines. Its times are relative to the recorder's
// base, and 0 if they have not come.
type slot struct {
	id, objectID, set, within       uint64
	code                            uintptr // as a return address in the code to be shown; 0 if not known
	queued, held, started, finished int64
	name, err                       string // cut
	key                             any    // nil unless keys are shown
	ahead                           int32
	stat                            uint8 // the index of the name
	call, outcome                   uint8
	waits                           bool
}

func (s *slot) inFlight() bool { return s.id != 0 && s.finished == 0 }

// A stripe has every sixteenth job, so that calls that come at once rarely meet.
//
// A job has the slot that its number gives. What was there is overwritten, unless it is
// still in flight: then it moves aside. If there is no room aside either, the older job stays
// and the new one is dropped, which counts it and no more. The older ones are what the others
// wait for.
type stripe struct {
	mu       sync.Mutex
	slots    []slot
	aside    []slot
	ids      [asideSize]uint64 // of the slots aside
	busy     uint64            // which of them are in flight
	next     int               // where the search for one that is not begins
	recorded uint64
	dropped  uint64 // in flight, without a slot
	names    [cachedNames]cachedName
	counts   [ownNames]counts // of the names that came first

	_ [64]byte // the next stripe is used by another processor
}

const asideSize = 64 // the bits of busy

// lookup returns the slot of a job and its index aside, or -1; or nil.
func (st *stripe) lookup(index, id uint64) (p *slot, aside int) {
	if p = &st.slots[index]; p.id == id {
		return p, -1
	}
	for i, other := range &st.ids {
		if other == id {
			return &st.aside[i], i
		}
	}
	return nil, -1
}

// ending is lookup for a job that ends.
func (st *stripe) ending(index, id uint64) *slot {
	p, i := st.lookup(index, id)
	if i >= 0 {
		st.busy &^= 1 << i
	}
	return p
}

// room returns a slot to be overwritten, or nil.
func (st *stripe) room(index uint64) *slot {
	p := &st.slots[index]
	if !p.inFlight() {
		return p
	}
	free := bits.TrailingZeros64(^bits.RotateLeft64(st.busy, -st.next))
	if free == asideSize {
		return nil
	}
	i := (free + st.next) % asideSize
	st.next = i + 1
	st.busy |= 1 << i
	st.ids[i], st.aside[i] = p.id, *p
	return p
}

// each calls f for the slots that are in use.
func (st *stripe) each(f func(*slot)) {
	for _, part := range [...][]slot{st.slots, st.aside} {
		for i := range part {
			if s := &part[i]; s.id != 0 {
				f(s)
			}
		}
	}
}

// cut returns at most the first 256 bytes of s, and no part of a character.
func cut(s string) string {
	const most = 256
	if len(s) <= most {
		return s
	}
	end := most
	for end > most-utf8.UTFMax && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end]
}
