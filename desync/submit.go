package desync

import (
	"runtime"
	"runtime/debug"
	"sync/atomic"

	"github.com/go-desync/go-desync/futures"
	"github.com/go-desync/go-desync/futures/waits"
)

// A Job is a background job that learns how it has ended; see [Desync.Submit]. It may have a
// method Func() any too, which returns the function of the user that Run calls: observers are
// told of its code. See [JobInfo].Func.
type Job[T any] interface {
	// Run is the job; see [Desync.Async] for what it may do.
	Run(data *T)

	// Ended is called once, in the job's turn and after Run, however Run has ended. err
	// is nil if Run returned, a [*PanicError] if it panicked, and [futures.ErrGoexit] if
	// it called runtime.Goexit; a panic or Goexit of an [Observer] counts too. Run has
	// been called, unless the job is for a key of a [Map] whose value could not be made, see
	// [ValueError], or which has none, see [Key.SubmitIfPresent].
	// Ended must be quick, and must not wait for the object.
	//
	// Ended is not called if the stop function of Submit has kept the job from running,
	// or if a panic of the job ends the process.
	Ended(err error)
}

// Submit is [Desync.Async] for packages that limit, count or group jobs. The job learns
// how it has ended, and can be taken back until its turn comes.
//
// stop keeps the job from running, and reports whether it did. It returns false if the
// job's turn has come, or if stop was called before. After stop the object keeps nothing
// of the job. stop does not wait.
//
// A panic of the job is handled as in Async: it ends the process, or goes to the handler
// of [WithPanicHandler] after the call of Ended. Submit panics if job is nil.
func (d *Desync[T]) Submit(job Job[T]) (stop func() bool) {
	if job == nil {
		panic("desync: Submit: the job is nil")
	}
	s := &submission[T]{job: job, object: d}
	if d.core.cfg.observed() {
		s.record = d.record(made{call: CallAsync, code: funcOf(job)})
	}
	if watching {
		waits.Queue(object(d))
	}
	d.submit(s)
	return s.stop
}

// funcOf returns the function that a job calls, or nil if it does not say.
func funcOf[T any](job Job[T]) any {
	if j, ok := job.(interface{ Func() any }); ok {
		return j.Func()
	}
	return nil
}

// A submission is the entry of a Submit. run and stop compete for the state; the one
// whose swap succeeds owns the other fields.
type submission[T any] struct {
	state  atomic.Uint32
	job    Job[T]
	object *Desync[T]
	record *record // nil if the job is not observed
}

var _ task[int] = (*submission[int])(nil)

func (s *submission[T]) abandoned() bool { return s.state.Load() == cancelled }

func (s *submission[T]) stop() bool {
	if !s.state.CompareAndSwap(pending, cancelled) {
		return false
	}
	object, r := s.object, s.record
	s.job, s.object, s.record = nil, nil, nil
	object.core.abandon()
	if r != nil {
		object.core.cfg.guarded(r.tell)
	}
	return true
}

func (s *submission[T]) run(d *Desync[T], _ bool) bool {
	if !s.state.CompareAndSwap(pending, started) {
		return true
	}
	job, r := s.job, s.record
	s.job, s.object, s.record = nil, nil, nil
	call := job.Run
	if r != nil {
		call = followAsync(r, call)
	}
	// This stays if the job calls Goexit, since nothing below runs then.
	o := submitted{err: futures.ErrGoexit}
	defer func() {
		if !o.fatal {
			job.Ended(o.err)
		}
	}()
	if !s.call(d, call, &o) {
		v := new(runtime.PanicNilError) // panic(nil), with GODEBUG=panicnil=1
		o.panicked(d.core.cfg, v)
		panic(v)
	}
	o.err = nil
	return true
}

// submitted is how a job has ended.
type submitted struct {
	err   error
	fatal bool // the process is about to end
}

func (o *submitted) panicked(c *config, v any) {
	if o.fatal = c.handler() == nil; !o.fatal {
		o.err = &PanicError{Value: v, Stack: debug.Stack()}
	}
}

// call calls job and reports whether it has returned. A panic goes on, on top of the
// stack of the job.
func (s *submission[T]) call(d *Desync[T], job func(*T), o *submitted) (returned bool) {
	defer func() {
		if returned {
			return
		}
		if v := recover(); v != nil {
			o.panicked(d.core.cfg, v)
			panic(v)
		}
	}()
	job(&d.data)
	return true
}
