package desync

import (
	"cmp"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/go-desync/go-desync/futures/waits"
)

// Whoever runs many jobs in a row lets others have the processor after slice,
// and looks at the clock after every budget jobs. After most jobs it does so whatever
// the clock says, which stands still in a synctest bubble: where no goroutine is
// preempted, as on js/wasm, a job that hands itself over again would starve all others.
// Jobs that do nothing take about slice for as many.
const (
	slice  = 100 * time.Microsecond
	budget = 64
	most   = 256 * budget
)

// A task is a background job with something to do beside running a function.
type task[T any] interface {
	// run does it and reports true, or gives the turn away and reports false. It
	// does not panic. If helping, it is on the goroutine of a Do that helps.
	run(d *Desync[T], helping bool) bool
}

// submit queues a background job.
func (d *Desync[T]) submit(e any) {
	if watching {
		waits.Queue(object(d))
	}
	d.start(d.core.push(e))
}

// start starts a drainer, if w is one.
func (d *Desync[T]) start(w *drainer) {
	if w != nil {
		w.object = d
		go w.start()
	}
}

// serve is what a drainer does: it runs the jobs of a busy object until the queue is
// empty or a waiter is next.
func (d *Desync[T]) serve(w *drainer) {
	if first, ok := d.core.begin(w); ok {
		d.core.cfg.label()
		d.drain(first, false)
	}
}

// drain runs first, if it is not nil, and what is queued, in order. It is called
// with the turn, which it gives up before it returns; but if the caller is a Do
// that helps, drain runs only what is on the out side, all background jobs, and
// returns with the turn.
func (d *Desync[T]) drain(first any, help bool) {
	if watching {
		waits.Hold(object(d))
	}
	r := run{help: help}
	defer func() {
		if r.state == running {
			// A job has called runtime.Goexit: this goroutine ends, and a helping
			// Do with it. The object goes on; with what is left on the out side of
			// a helping Do, of which the state tells nothing.
			d.endHelp(help)
			if help {
				d.releaseSlow()
			} else {
				d.release()
			}
		}
	}()
	for d.turns(&r, first); r.state != done; d.turns(&r, nil) {
		// Only after a panic does turns return without being done.
		if !r.told {
			d.panicked(&r, new(runtime.PanicNilError))
		}
		r.told = false
		runtime.Gosched() // turns counts and looks at the clock anew
	}
	d.endHelp(help)
}

// endHelp gives up the place that join counted for a helping Do.
func (d *Desync[T]) endHelp(help bool) {
	if help {
		d.core.q.taken.increment()
	}
}

// A run is one call of drain.
type run struct {
	help  bool
	state runState
	told  bool // somebody knows of the last panic
}

type runState int

const (
	running runState = iota
	done             // drain has nothing more to do
	crashed          // the process is about to end
)

// turns does the work of drain up to the first job that panics: so a deferred call
// serves many jobs. A recover that returns nil is not enough to know that a job has
// called runtime.Goexit: with GODEBUG=panicnil=1 it may be panic(nil). And after a
// panic on top of a Goexit, which recover returns, the goroutine ends all the same.
// What tells is whether turns returns to drain.
func (d *Desync[T]) turns(r *run, first any) {
	defer func() {
		if r.state == done {
			return
		}
		if v := recover(); v != nil {
			d.panicked(r, v)
		}
	}()
	if first != nil && !d.perform(r, first) {
		return
	}
	c := &d.core
	if !r.help {
		if c.leave() {
			r.state = done
			return
		}
		if watching {
			waits.Hold(object(d))
		}
	}
	// Now something is queued, or was, and the queue stays the object's as long as the
	// turn is held. It is not read from the object for each job: callers write to that
	// cache line all the time.
	q := c.q
	var since time.Time
	for n := 1; ; n++ {
		if q.out == nil && (r.help || c.front() == nil) {
			r.state = done
			return
		}
		// pop, written out: this is the hot path.
		b := q.out
		e := b.entries[q.next]
		b.entries[q.next] = nil
		q.next++
		q.taken.increment()
		if q.next == b.n {
			q.used(b)
		}
		if job, ok := e.(func(*T)); ok { // as in perform, without the call
			job(&d.data)
		} else if !d.perform(r, e) {
			return
		}
		if n%budget == 0 {
			if since.IsZero() {
				since = time.Now()
			} else if n%most == 0 || time.Since(since) > slice {
				runtime.Gosched()
				since = time.Now()
			}
		}
	}
}

// perform does what an entry asks for, and reports whether the turn is still the
// caller's. If not, r is done.
func (d *Desync[T]) perform(r *run, e any) bool {
	mine := false
	switch e := e.(type) {
	case func(*T):
		e(&d.data)
		mine = true
	case task[T]:
		mine = e.run(d, r.help)
	case granter:
		if watching {
			waits.Leave(&d.core)
		}
		mine = !e.grant()
		if watching && mine {
			waits.Hold(object(d))
		}
	}
	if !mine {
		r.state = done
	}
	return mine
}

// guarded calls f, which runs code of the user's on a goroutine that has no caller: its
// panic is told as that of an Async job.
func (c *config) guarded(f func()) {
	h := c.handler()
	if h == nil {
		f()
		return
	}
	var panicked error
	_, err := result(func() (struct{}, error) { f(); return struct{}{}, nil }, &panicked)
	if p, ok := cmp.Or(panicked, err).(*PanicError); ok {
		go h(p)
	}
}

// panicked tells of the panic of an Async job. It runs deferred, on top of the
// stack of that job. If it ends the process the object keeps its turn, so that no
// job runs on data left half changed.
func (d *Desync[T]) panicked(r *run, v any) {
	h := d.core.cfg.handler()
	if h == nil && !r.help {
		// Nobody below recovers.
		r.state = crashed
		panic(v)
	}
	p := &PanicError{Value: v, Stack: debug.Stack()}
	if h == nil {
		// The caller of a helping Do might recover, so the process is ended from
		// a goroutine that has no caller.
		go panic(p)
		select {}
	}
	r.told = true
	go func() {
		d.core.cfg.label()
		h(p)
	}()
}
