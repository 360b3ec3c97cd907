package conformance

import (
	"runtime"
	"sync/atomic"
	"time"

	"github.com/go-desync/go-desync/conformance/internal/standstill"
)

// What cells leave behind.

// A carried tells whether the job and the context of a cell are still referred to.
type carried struct {
	c    cell
	o    Object // it must live as long as one looks
	job  *probe
	ctx  *probe
	made atomic.Bool
}

// looks reports whether the rule is about what is left, and when one looks for it.
func looks(rule string) (atEnd, whileHeld bool) {
	return rule == "LEAK-1" || rule == "LEAK-2", rule == "CAN-4"
}

// kept returns the cells whose payloads are not collected. It gives up after several
// collections that did collect something else; see collected.
func (t *trial) kept(all []*carried) (kept []*carried) {
	for range 5 {
		control := newProbe()
		drop(control)
		t.expect("the garbage collector finds what is unreachable")
		for control.gone.Load() == 0 {
			runtime.GC()
			time.Sleep(time.Millisecond)
		}
		kept = nil
		for _, p := range all {
			if p.made.Load() && (p.job.gone.Load() == 0 || p.ctx.gone.Load() == 0) {
				kept = append(kept, p)
			}
		}
		if len(kept) == 0 {
			break
		}
		for range 5 { // pools keep what they hold for two collections
			runtime.GC()
			time.Sleep(time.Millisecond)
		}
	}
	runtime.KeepAlive(all)
	return kept
}

// noGoroutines fails if the objects of some cells own goroutines.
func (t *trial) noGoroutines(look func() []standstill.Goroutine, cells []cell) {
	if left := look(); len(left) > 0 {
		t.failAt(standstill.Show(left), "an object on which nothing is queued and nothing runs owns no goroutine, nor does one that is closed", "after %d cells there are %d, for instance after: %s", len(cells), len(left), cells[0])
	}
}
