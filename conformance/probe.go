package conformance

import (
	"runtime"
	"sync/atomic"
	"time"
)

// A probe tells which of the payloads that jobs refer to have been collected.
type probe struct{ made, gone atomic.Int64 }

type payload struct{ data [256]byte }

func (p *payload) use() { p.data[0]++ }

func newProbe() *probe { return new(probe) }

// payload makes one.
func (p *probe) payload() *payload {
	p.made.Add(1)
	x := new(payload)
	runtime.AddCleanup(x, func(p *probe) { p.gone.Add(1) }, p)
	return x
}

// left returns how many payloads have not been collected.
func (p *probe) left() int64 { return p.made.Load() - p.gone.Load() }

// collected fails unless the payloads of p are collected while the objects live. One of
// several may stay: what is reachable for a while from a stack, a pool or the frame of
// a goroutine that lingers does not grow when the same is done again.
//
// It gives up when some time has passed, and after several collections that did collect
// something else, made unreachable at the same time, so that a slow machine makes no
// difference.
func (t *trial) collected(p *probe, rule string, keep ...Object) {
	most := min(1, p.made.Load()-1)
	until := time.Now().Add(t.scaled(time.Second))
	for round := 0; p.left() > most && (round < 5 || time.Now().Before(until)); round++ {
		control := newProbe()
		drop(control)
		t.expect("the garbage collector finds what is unreachable")
		for p.left() > most && control.left() > 0 {
			t.collect()
			time.Sleep(time.Millisecond)
		}
		for n := 0; n < 5 && p.left() > most; n++ { // pools keep what they hold for two collections
			t.collect()
			time.Sleep(time.Millisecond)
		}
	}
	if left := p.left(); left > most {
		t.fail(rule, "%d of %d things that jobs referred to were not collected", left, p.made.Load())
	}
	runtime.KeepAlive(keep)
}

//go:noinline
func drop(p *probe) { p.payload().use() }
