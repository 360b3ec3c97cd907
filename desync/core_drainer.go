package desync

// A drainer is a goroutine that runs the jobs of a busy object, or is about to. The
// struct belongs to a queue, and serves the object that has the queue.
type drainer struct {
	object server // assigned before the goroutine is started, cleared by it
	start  func() // w.run: a go statement with it allocates nothing
}

// A server is a *Desync[T] of any T.
type server interface {
	serve(w *drainer)
}

func newDrainer() *drainer {
	w := new(drainer)
	w.start = w.run
	return w
}

func (w *drainer) run() {
	object := w.object
	w.object = nil // the queue may go to the pool, and w with it
	object.serve(w)
}
