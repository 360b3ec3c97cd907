package desync

import "testing"

// A drainer stands for a busy object whose jobs need a goroutine, until one begins to run
// them. The struct belongs to a queue, and serves the object that has the queue.
type drainer struct {
	object server   // assigned before the drainer is started, cleared when it begins
	crews  *crews   // do not change
	next   *drainer // on the list of the crew; guarded by its mu
}

// A server is a *Desync[T] of any T.
type server interface {
	serve(w *drainer, shared bool) (stays bool)
}

// start makes a crew run the drainer, or a goroutine of its own if the caller is in a
// synctest bubble.
func (w *drainer) start(object server) {
	w.object = object
	if testing.Testing() && bubble() != 0 {
		go w.run(false)
		return
	}
	w.crews.fresh.put(w, true)
}

// startAgain is start by a member of a crew that has run the object's jobs for a slice.
func (w *drainer) startAgain(object server) {
	w.object = object
	w.crews.again.put(w, false)
}

// run runs the jobs of the object until none is left or a waiter is next. If it is shared,
// the goroutine has other objects to run, and run may also return after a slice, having put
// the object on the crew's list again. It reports whether it has done that.
func (w *drainer) run(shared bool) (stays bool) {
	object := w.object
	w.object = nil // the queue may go to the pool, and w with it
	return object.serve(w, shared)
}
