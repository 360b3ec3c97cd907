package desync

import (
	"runtime/debug"

	"github.com/go-desync/go-desync/futures/waits"
)

// acquire takes the turn, waiting for it if the object is busy. It reports whether the
// object was.
func (d *Desync[T]) acquire() (waited bool) {
	if !d.core.take() {
		d.acquireSlow()
		return true
	}
	if watching {
		waits.Hold(object(d))
	}
	return false
}

func (d *Desync[T]) acquireSlow() {
	if d.core.takeFree() {
		if watching {
			waits.Hold(object(d))
		}
		return
	}
	var wait *waits.Waiting
	if watching {
		wait = waits.Prepare(false, nil, waits.NewJob(object(d)))
	}
	e, first, w, ring := d.core.join(wait)
	switch {
	case ring != nil:
		panic(deadlock(ring))
	case e == helping:
		d.help(first)
	case e == mustWait:
		w.wait(&d.core)
		w.free()
	}
	if watching {
		waits.Hold(object(d))
	}
}

// help runs first and the other background jobs before the caller's job, as a drainer
// would. But it sets no labels, since it could not restore the caller's.
func (d *Desync[T]) help(first any) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(false))
	d.drain(first, run{help: true})
}

// release gives up the turn. It is deferred, so that the object goes on however
// the job ends.
func (d *Desync[T]) release() {
	if !d.core.leave() {
		d.releaseSlow()
	}
}

func (d *Desync[T]) releaseSlow() {
	if d.core.leaveWoken() {
		return
	}
	d.start(d.core.pass())
}

// start starts a drainer, if w is one.
func (d *Desync[T]) start(w *drainer) {
	if w != nil {
		w.start(d)
	}
}
