package desync

import (
	"runtime"
	"runtime/debug"
	"time"

	"github.com/go-desync/go-desync/futures/waits"
)

// serve is the work of a drainer: it runs the jobs of a busy object until the queue is
// empty or a waiter is next.
func (d *Desync[T]) serve(w *drainer, shared bool) (stays bool) {
	first, ok := d.core.begin(w)
	if !ok {
		return false
	}
	d.core.cfg.label()
	return d.drain(first, run{shared: shared})
}

// drain runs first, if it is not nil, and then what is queued, in order. It is called
// with the turn, and gives it up before it returns. But for a Do that helps, drain runs
// only the out side, which has only background jobs, and returns with the turn.
//
// If the goroutine is shared with other objects, drain may also return after a slice, when
// it has put the object back on the crew's list. It reports whether it has.
func (d *Desync[T]) drain(first any, r run) (stays bool) {
	if watching {
		waits.Hold(object(d))
	}
	defer func() {
		if r.state == running {
			// A job has called runtime.Goexit: this goroutine ends, and a helping Do with
			// it. The object must go on, even with the entries that a helping Do has left
			// on the out side, which the state does not show.
			d.endHelp(r.help)
			if r.help {
				d.releaseSlow()
			} else {
				d.release()
			}
		}
	}()
	for d.runJobs(&r, first); r.state != done; d.runJobs(&r, nil) {
		// runJobs returns without being done only after a panic.
		if !r.told {
			d.panicked(&r, new(runtime.PanicNilError))
		}
		r.told = false
		runtime.Gosched() // runJobs counts and looks at the clock anew
	}
	d.endHelp(r.help)
	return r.stays
}

// endHelp gives up the place that join counted for a helping Do.
func (d *Desync[T]) endHelp(help bool) {
	if help {
		d.core.q.taken.increment()
	}
}

// A run is one call of drain.
type run struct {
	help   bool // the goroutine is that of a Do that helps
	shared bool // the goroutine is one of a crew
	state  runState
	told   bool // the last panic has been reported
	stays  bool // the object is on the crew's list again
}

type runState int

const (
	running runState = iota
	done             // drain has nothing more to do
	crashed          // the process is about to end
)

// runJobs does the work of drain up to the first job that panics, so that one deferred
// call serves many jobs.
//
// The result of recover does not tell a panic from runtime.Goexit. If it is nil, the job
// may have called panic(nil) with GODEBUG=panicnil=1. If it is not nil, the panic may
// have happened during a Goexit, and the goroutine still ends. What tells is whether
// runJobs returns to drain: it does so only after a panic.
func (d *Desync[T]) runJobs(r *run, first any) {
	defer func() {
		if r.state == done {
			return
		}
		if v := recover(); v != nil {
			d.panicked(r, v)
		}
	}()
	d.core.cfg.rest()
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
	// Something is queued, or was, so the object keeps its queue as long as the turn is
	// held. The field is read only once, since callers write to its cache line all the
	// time.
	q := c.q
	var since time.Time
	look := early // at this number of jobs
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
		if n == look {
			look += min(n, budget)
			if since.IsZero() {
				since = time.Now()
			} else if n%most == 0 || time.Since(since) > slice {
				if r.shared {
					if w := c.pass(); w != nil {
						w.startAgain(d)
						r.stays = true
					}
					r.state = done
					return
				}
				runtime.Gosched()
				c.cfg.rest()
				since = time.Now()
			}
		}
	}
}

// perform runs or grants an entry, and reports whether the caller still has the turn. If
// not, r is done.
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

// panicked reports the panic of an Async job. It runs deferred, on top of the stack of
// that job. If it ends the process, the turn is not given up, so that no other job runs
// on data that is half changed.
func (d *Desync[T]) panicked(r *run, v any) {
	h := d.core.cfg.handler()
	if h == nil && !r.help {
		// No function below recovers.
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
