package timed

import (
	"time"

	"github.com/go-desync/go-desync/adapters/internal/object"
	"github.com/go-desync/go-desync/desync"
)

// A Timer hands a job over to an object once, when its time has come, and again after each
// Reset. Make it with [After].
//
// Its methods may be called by several goroutines at once, and do not wait. They must be called
// in the testing/synctest bubble in which the Timer was set, if any. A job may call them on its
// own Timer. If that is in a variable, make the Timer in a job of the object: otherwise the job
// may run before the variable is set.
type Timer struct{ clock clock }

// After hands job over to d, a plain object or a key of a [desync.Map], when delay has passed.
// From then on it is a job like that of [desync.Desync.Async], behind those that were handed
// over before, and a panic is handled as there. A delay of zero or less is over at once.
//
// Until then d is not used: no goroutine waits, and the key of a Map may go and come back. If
// it has no value when the time has come, the job finds a new one, as with Async.
//
// After panics if d or job is nil.
func After[T any](d desync.Object[T], delay time.Duration, job func(data *T)) *Timer {
	if object.IsNil(d) || job == nil {
		panic("timed: After: the object and the job must not be nil")
	}
	d.Pending() // panics if d is a key that cannot be found again
	t := &timerOf[T]{object: d, job: job}
	c := &t.clock
	c.fire = t.fire
	c.mu.Lock()
	defer c.mu.Unlock()
	c.set(delay)
	return &t.Timer
}

// Stop keeps the job from running, and reports whether it did: if it returns true, the job
// never runs, even if its time had come and it was queued on the object. It returns false if
// the job has begun, or if the Timer was stopped before. Stop does not wait for a job that
// runs.
func (t *Timer) Stop() bool { return t.clock.cancel() }

// Reset sets the Timer, so that the job is handed over when delay has passed from now. It
// reports whether the Timer was set before, or its job was still in the queue: then that does
// not count any more, and the job runs once. If Reset returns false, the job had begun, or the
// Timer was stopped.
func (t *Timer) Reset(delay time.Duration) bool { return t.clock.again(delay) }

// timerOf is a Timer with what depends on the type of the data.
type timerOf[T any] struct {
	Timer
	object desync.Object[T]
	job    func(*T)
}

func (t *timerOf[T]) fire() {
	c := &t.clock
	c.mu.Lock()
	if !c.fired() {
		c.mu.Unlock()
		return
	}
	s := &shotOf[T]{clock: c, job: t.job}
	c.shot = &s.shot
	c.mu.Unlock()
	c.handOver(&s.shot, func() (stop func() bool) { return t.object.Submit(s) })
}
