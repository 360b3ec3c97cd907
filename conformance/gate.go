package conformance

import "sync"

// A gate keeps jobs waiting until it is opened, at the latest when the trial ends.
type gate struct {
	once sync.Once
	c    chan struct{}
}

func (t *trial) gate() *gate {
	g := &gate{c: make(chan struct{})}
	t.mu.Lock()
	t.gates = append(t.gates, g)
	t.mu.Unlock()
	return g
}

func (g *gate) open() { g.once.Do(func() { close(g.c) }) }
func (g *gate) wait() { <-g.c }

// hold occupies an object by a job that waits at a gate.
func (t *trial) hold(o Object) *gate {
	g, started := t.gate(), make(chan struct{})
	t.goes(func() { o.Async(func(*State) { close(started); g.wait() }) })
	t.await(started, "a job on an idle object starts")
	return g
}

// fill runs f while the object is held, and opens the gate when f has ended, however
// long that takes, or when it seems to wait for the object.
func (t *trial) fill(o Object, f func()) {
	if !t.has(FeatureUnbounded) {
		t.whileHeld(o, f)
		return
	}
	g := t.hold(o)
	done := t.goes(f)
	t.comes(done)
	g.open()
	t.await(done, "calls that were made while a job ran return when it has ended")
}

// whileHeld runs f while the object is held, if f ends without waiting for the
// object, and returns when it has ended.
func (t *trial) whileHeld(o Object, f func()) {
	g := t.hold(o)
	done := t.goes(f)
	t.patience(done)
	g.open()
	t.await(done, "calls that were made while a job ran return when it has ended")
}
