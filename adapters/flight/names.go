package flight

import (
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
	// A few names have examples of all kinds, and most have none.
	maxBlocks = 512
)

// A name counts the jobs of the objects of one name.
type name struct {
	text                      string // cut
	wait, run                 histogram
	returned, unwound, notRun atomic.Uint64

	mu       sync.Mutex
	examples [kinds]*block
}

// A histogram is a Histogram that many goroutines add to.
type histogram struct {
	counts [histogramSize]atomic.Uint64
	sum    atomic.Int64
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
	known := make(map[string]uint8, len(old)+1)
	for s, i := range old {
		known[s] = i
	}
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

// ended counts a job that has ended.
func (all *names) ended(j *desync.JobInfo, s *slot) {
	n := &all.all[s.stat]
	whole := j.Finished.Sub(j.Queued)
	kind := -1
	switch j.Outcome {
	case desync.OutcomeUnwound:
		n.unwound.Add(1)
		kind = kindUnwound
	case desync.OutcomeNotRun:
		n.notRun.Add(1)
		kind = kindNotRun
	default:
		n.returned.Add(1)
		kind = decade(whole)
	}
	if !j.Started.IsZero() {
		n.wait.add(j.Started.Sub(j.Queued))
		n.run.add(j.Finished.Sub(j.Started))
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

func (h *histogram) add(d time.Duration) {
	d = max(d, 0)
	h.counts[min(bits.Len64(uint64(d)), histogramSize-1)].Add(1)
	h.sum.Add(int64(d))
}

func (h *histogram) load() (all Histogram) {
	for i := range h.counts {
		all.Counts[i] = h.counts[i].Load()
	}
	all.Sum = time.Duration(h.sum.Load())
	return all
}
