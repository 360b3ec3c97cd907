package conformance

import (
	"runtime"
	"sync/atomic"
	"time"
)

// A probe tells when a payload that jobs refer to has been collected.
type probe struct{ gone atomic.Int64 }

type payload struct{ data [256]byte }

func (p *payload) use() { p.data[0]++ }

func newProbe() *probe { return new(probe) }

// payload makes one.
func (p *probe) payload() *payload {
	x := new(payload)
	runtime.AddCleanup(x, func(p *probe) { p.gone.Add(1) }, p)
	return x
}

// collected fails unless the payload of p is collected while the objects live.
// It gives up after several collections that did collect something else, made
// unreachable at the same time, so that a slow machine makes no difference.
func (t *trial) collected(p *probe, rule string, keep ...Object) {
	for range 5 {
		control := newProbe()
		drop(control)
		t.expect("the garbage collector finds what is unreachable")
		for p.gone.Load() == 0 && control.gone.Load() == 0 {
			runtime.GC()
			time.Sleep(time.Millisecond)
		}
		if p.gone.Load() > 0 {
			break
		}
		for range 5 { // pools keep what they hold for two collections
			runtime.GC()
			time.Sleep(time.Millisecond)
		}
	}
	if p.gone.Load() == 0 {
		t.fail(rule, "what it refers to was not collected")
	}
	runtime.KeepAlive(keep)
}

//go:noinline
func drop(p *probe) { p.payload().use() }
