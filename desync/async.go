package desync

import "github.com/go-desync/go-desync/futures/waits"

// Async queues job and returns at once, however busy the object is. The job runs in its
// turn on another goroutine. That is one that this package starts, which runs the jobs of
// one object after the other and ends when nothing is queued, or the goroutine of a
// [Desync.Do] that must wait for the job anyway. A job that blocks, however long, keeps no
// job of another object waiting.
// The job never runs on the stack of the call to Async, so it may lock a mutex that the
// caller holds.
//
// If the job panics, the process ends with the value and the stack of the panic, as for
// any goroutine, unless [WithPanicHandler] names a handler. Do not call [runtime.Goexit]
// in the job, which includes t.FailNow and t.Fatal: it ends the goroutine that the job
// runs on, which may belong to another caller's Do. The object still goes on.
//
// For the same reason, a job that changes its goroutine must undo the change before it
// ends: by setting profile labels, for example, or by calling [runtime.LockOSThread].
// Otherwise the next job, or the caller of that Do, goes on with the change. Use
// [runtime/pprof.Do] for labels.
//
// A job that blocks in a system call, such as a read of a file, or in cgo takes a thread
// meanwhile. The jobs of one object take at most one thread, but nothing limits the
// number of objects; see the package documentation.
//
// Async panics if job is nil.
func (d *Desync[T]) Async(job func(data *T)) {
	if job == nil {
		panic("desync: Async: the job is nil")
	}
	// If several goroutines are here, the cost is how often the object's cache line goes
	// from one core to another, and how soon its lock is free again. So nothing is read
	// before the lock is taken. TryLock takes a free lock even if others sleep for it;
	// Lock takes many more steps then. TryLock fails when one of them has slept for long,
	// so that none starves.
	c := &d.core
	if watching {
		waits.Queue(object(d))
	}
	at(pushLock)
	if !c.mu.TryLock() {
		c.mu.Lock()
	}
	if c.cfg.observed() {
		c.mu.Unlock()
		at(unlocked)
		d.asyncFollowed(job, job)
		return
	}
	d.start(c.pushUnlock(job))
}

// asyncFollowed is Async for an object that is observed. code is the user's function, which
// job may contain.
func (d *Desync[T]) asyncFollowed(job func(*T), code any) {
	d.submit(followAsync(d.record(made{call: CallAsync, code: code}), job))
}

// submit queues a background job.
func (d *Desync[T]) submit(e any) {
	if watching {
		waits.Queue(object(d))
	}
	d.start(d.core.push(e))
}

// followAsync wraps a background job so that r follows it.
//
// The job was accepted, and others may depend on it: it may free room, or let go of a
// key. So it is deferred, and runs even if Started does not return.
func followAsync[T any](r *record, job func(*T)) func(*T) {
	return func(data *T) {
		defer r.tell()
		defer func() {
			defer r.unwound()
			job(data)
			r.end(OutcomeReturned)
		}()
		r.start(inARow)
	}
}
