package desync

import "github.com/go-desync/go-desync/futures/waits"

// Do waits for the job's turn, runs it on the calling goroutine, and returns when it is
// done. It blocks until all jobs that were handed over before have ended. Jobs that are
// handed over later run after it. Only other calls that wait may go first, for about a
// millisecond and while nothing else is queued; see the package documentation. While it
// waits, Do may run background jobs that are queued before it.
//
// A panic in the job goes to the caller, and runtime.Goexit ends the calling goroutine.
// Either way the object goes on.
//
// A job must not call Do on its own object, and jobs must not wait for each other's
// objects: that blocks forever, as with a mutex. With the race detector, or the build
// tag desyncdebug, Do panics with a [*DeadlockError] instead.
//
// Do panics if job is nil.
func (d *Desync[T]) Do(job func(data *T)) {
	if job == nil {
		panic("desync: Do: the job is nil")
	}
	if d.core.cfg.observed() {
		d.doFollowed(job)
		return
	}
	// acquire and release, written out: the compiler does not inline them.
	contended := !d.core.take()
	if contended {
		d.acquireSlow()
	} else if watching {
		waits.Hold(object(d))
	}
	defer func() {
		// Most often a contended object is still so. Then the swap of an idle one would
		// fail, which costs as much as one that does not.
		if contended && d.core.leaveWoken() {
			return
		}
		if !d.core.leave() {
			d.releaseSlow()
		}
	}()
	job(&d.data)
}

// Sync is [Desync.Do] with a result.
func (d *Desync[T]) Sync[R any](job func(data *T) R) R {
	if job == nil {
		panic("desync: Sync: the job is nil")
	}
	if d.core.cfg.observed() {
		return d.syncFollowed(job)
	}
	contended := !d.core.take() // as in Do
	if contended {
		d.acquireSlow()
	} else if watching {
		waits.Hold(object(d))
	}
	defer func() {
		if contended && d.core.leaveWoken() {
			return
		}
		if !d.core.leave() {
			d.releaseSlow()
		}
	}()
	return job(&d.data)
}

// TryDo runs job on the calling goroutine, as [Desync.Do] does, if the object is idle
// with nothing queued, and reports whether it did. It never waits and never queues: if it
// returns false, nothing has happened. Right after a Do or Sync has returned it succeeds,
// unless another goroutine uses the object.
//
// TryDo panics if job is nil.
func (d *Desync[T]) TryDo(job func(data *T)) bool {
	if job == nil {
		panic("desync: TryDo: the job is nil")
	}
	if !d.core.take() {
		return false
	}
	if watching {
		waits.Hold(object(d))
	}
	if d.core.cfg.observed() {
		d.turnFollowed(CallTry, job)
		return true
	}
	defer d.release()
	job(&d.data)
	return true
}

// TrySync is [Desync.TryDo] with a result.
func (d *Desync[T]) TrySync[R any](job func(data *T) R) (result R, ok bool) {
	if job == nil {
		panic("desync: TrySync: the job is nil")
	}
	ok = d.TryDo(func(data *T) { result = job(data) })
	return result, ok
}

// doFollowed is Do with a record.
func (d *Desync[T]) doFollowed(job func(*T)) {
	if d.core.take() {
		if watching {
			waits.Hold(object(d))
		}
		d.turnFollowed(CallDo, job)
		return
	}
	r := d.record(made{call: CallDo})
	defer r.tell()
	d.acquire()
	defer d.release()
	d.jobFollowed(r, job)
}

// syncFollowed is Sync with a record.
func (d *Desync[T]) syncFollowed[R any](job func(*T) R) (result R) {
	d.doFollowed(func(data *T) { result = job(data) })
	return result
}

// turnFollowed runs the job of a call that has the turn already.
func (d *Desync[T]) turnFollowed(call Call, job func(*T)) {
	var r *record
	defer func() {
		if r != nil { // else Queued has not returned
			r.tell()
		}
	}()
	defer d.release()
	r = d.record(made{call: call, inTurn: true})
	d.jobFollowed(r, job)
}

// jobFollowed runs a job on the goroutine of its caller, which has the turn. It notes how
// and when the job ended, even after a panic or Goexit.
func (d *Desync[T]) jobFollowed(r *record, job func(*T)) {
	defer r.unwound()
	r.start(later)
	job(&d.data)
	r.end(OutcomeReturned)
}
