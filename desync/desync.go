package desync

// A Desync owns a value of type T and orders every access to it. See the package
// documentation for what is promised.
//
// The zero value owns the zero value of T and is ready to use. A Desync must not
// be copied after first use. It needs no Close.
//
// In the terms of the Go memory model, the end of each job on an object
// synchronizes before the beginning of the next; a call that hands over a job
// synchronizes before the job; and the end of a job synchronizes before the
// return of the call, or of the Await, that gives its result.
type Desync[T any] struct {
	core core
	data T
}

// New returns an object that owns data. From then on, what data refers to must be used
// only in jobs.
func New[T any](data T, opts ...Option) *Desync[T] {
	d := &Desync[T]{data: data}
	if len(opts) > 0 {
		d.core.cfg = new(config)
		for _, o := range opts {
			o(d.core.cfg)
		}
		if d.core.cfg.observer != nil {
			d.core.cfg.see(nil)
		}
	}
	return d
}

// Pending returns the number of jobs that were accepted and have not ended, including
// the one that runs. While the object is busy, it may also count jobs that were given
// up: at most a few more than the jobs that wait, or than have waited at the same
// time. Pending is for people and tests: the number may have changed when it returns.
func (d *Desync[T]) Pending() int {
	return d.core.pending()
}
