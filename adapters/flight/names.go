package flight

import (
	"maps"
	"math/bits"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-desync/go-desync/desync"
)

// names are what is kept by name. The map is replaced by a copy when a name is added, which
// happens 200 times.
type names struct {
	known  atomic.Pointer[map[string]uint8]
	mu     sync.Mutex // of adding
	all    []name     // the first is for the names that have none
	used   atomic.Int32
	blocks []block // of examples, that are in no use
}

const (
	maxNames  = 200
	otherName = "other"
	// Most names have no jobs of most kinds.
	maxBlocks = 300

	ownNames    = 12 // most programs have no more
	cachedNames = 8  // of each stripe
)

// A name is what is kept of the jobs of the objects of one name.
type name struct {
	text string // cut

	mu       sync.Mutex
	counts   counts // for the names that came first, each stripe has its own instead
	examples [kinds]*block
}

// counts are of jobs that have ended. It is guarded by a lock of its owner.
type counts struct {
	wait, run                 Histogram
	returned, unwound, notRun uint64
}

func (c *counts) add(s *slot) {
	switch desync.Outcome(s.outcome) {
	case desync.OutcomeUnwound:
		c.unwound++
	case desync.OutcomeNotRun:
		c.notRun++
	default:
		c.returned++
	}
	if s.started != 0 {
		c.wait.add(time.Duration(s.started - s.queued))
		c.run.add(time.Duration(s.finished - s.started))
	}
}

func (h *Histogram) add(d time.Duration) {
	d = max(d, 0)
	h.Counts[min(bits.Len64(uint64(d)), histogramSize-1)]++
	h.Sum += d
}

// merge adds the counts of c to n.
func (c *counts) merge(n *Name) {
	n.Wait.merge(&c.wait)
	n.Run.merge(&c.run)
	n.Returned += c.returned
	n.Unwound += c.unwound
	n.NotRun += c.notRun
}

func (h *Histogram) merge(other *Histogram) {
	for i, c := range &other.Counts {
		h.Counts[i] += c
	}
	h.Sum += other.Sum
}

// A cachedName saves a look into the map of names. The name of one object is always the same
// string, which is compared by its address.
type cachedName struct {
	whole, text string
	stat        uint8
}

func (c *cachedName) of(all *names, whole string) (text string, stat uint8) {
	if c.whole == whole && whole != "" {
		return c.text, c.stat
	}
	text, stat = all.find(whole)
	if len(text) == len(whole) { // else it would keep the whole
		*c = cachedName{whole, text, stat}
	}
	return text, stat
}

// A block is the last jobs of a kind: of a decade of wait and run together, that were
// unwound, or that have not run.
type block struct {
	jobs [8]slot
	n    int // jobs that were ever put here
}

const (
	decades     = 5
	kindUnwound = decades
	kindNotRun  = decades + 1
	kinds       = decades + 2

	slowFrom = time.Millisecond
)

func (all *names) init() {
	all.all = make([]name, maxNames+1)
	all.blocks = make([]block, maxBlocks)
	all.all[0].text = otherName
	for k := range kinds { // so that each name finds room at least there
		all.all[0].examples[k] = all.block()
	}
	all.used.Store(1)
	all.known.Store(&map[string]uint8{otherName: 0})
}

// find returns a name, cut, and where its counts are.
func (all *names) find(text string) (string, uint8) {
	short := cut(text)
	i, ok := (*all.known.Load())[short]
	if !ok {
		i = all.add(short)
	}
	if i != 0 {
		return all.all[i].text, i
	}
	if len(short) < len(text) {
		short = strings.Clone(short) // or else it keeps the whole
	}
	return short, 0
}

func (all *names) add(text string) uint8 {
	if all.used.Load() > maxNames {
		return 0
	}
	all.mu.Lock()
	defer all.mu.Unlock()
	old := *all.known.Load()
	if i, ok := old[text]; ok {
		return i
	}
	i := all.used.Load()
	if i > maxNames {
		return 0
	}
	text = strings.Clone(text)
	known := maps.Clone(old)
	known[text] = uint8(i)
	all.all[i].text = text
	all.used.Store(i + 1)
	all.known.Store(&known) // after the text: find reads it
	return uint8(i)
}

// block returns an unused block, or nil. Except in init, all.mu must be held.
func (all *names) block() *block {
	if len(all.blocks) == 0 {
		return nil
	}
	b := &all.blocks[0]
	all.blocks = all.blocks[1:]
	return b
}

// ended counts a job that has ended, and may keep it. It is called with the lock of its
// stripe.
func (all *names) ended(st *stripe, s *slot) {
	n := &all.all[s.stat]
	if s.stat < ownNames {
		st.counts[s.stat].add(s)
	} else {
		n.mu.Lock()
		n.counts.add(s)
		n.mu.Unlock()
	}
	kind := decade(time.Duration(s.finished - s.queued))
	switch desync.Outcome(s.outcome) {
	case desync.OutcomeUnwound:
		kind = kindUnwound
	case desync.OutcomeNotRun:
		kind = kindNotRun
	}
	if kind >= 0 {
		all.keep(n, kind, s)
	}
}

// decade returns the kind of a job by its wait and run together, or -1.
func decade(d time.Duration) int {
	k := -1
	for limit := slowFrom; d >= limit && k < decades-1; limit *= 10 {
		k++
	}
	return k
}

// keep makes a job an example of its name, or of the other names if there is no room.
func (all *names) keep(n *name, kind int, s *slot) {
	n.mu.Lock()
	b := n.examples[kind]
	if b == nil {
		all.mu.Lock()
		b = all.block()
		all.mu.Unlock()
		n.examples[kind] = b
	}
	if b != nil {
		b.jobs[b.n%len(b.jobs)] = *s
		b.n++
	}
	n.mu.Unlock()
	if b == nil {
		all.keep(&all.all[0], kind, s)
	}
}
