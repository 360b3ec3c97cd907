package timed

import (
	"fmt"
	"time"

	"github.com/go-desync/go-desync/adapters/internal/object"
	"github.com/go-desync/go-desync/desync"
)

// A Trigger makes one job of many calls. After each [Trigger.Call] the job runs once more: it
// begins after the call, and several calls may share it. When, [Debounce] and [Throttle] say.
//
// The job runs like that of [desync.Desync.Async]. If the object is a key of a [desync.Map],
// the key is in use from the moment when the job is handed over.
//
// A Trigger may be used by several goroutines at once, also by its job, and by jobs of the
// object. If it lives as long as the process, it may be used in one testing/synctest bubble
// and then in another, as long as no job is to come in between.
type Trigger struct {
	clock clock
	try   func(called bool)

	// step is called with the mutex of the clock locked, by a Call or when the clock has
	// fired. It may set the clock, or reports that a job is to be handed over now.
	step func(called bool, now time.Time) bool
}

// Debounce returns a Trigger that waits until there are no more calls: it hands job over to d
// when quiet has passed since the last call, but not later than longest after the first one
// since the job before. Each call counts until the job has been handed over.
//
// Debounce panics if d or job is nil, if quiet is not positive, or if longest is less than
// quiet.
func Debounce[T any](d desync.Object[T], quiet, longest time.Duration, job func(data *T)) *Trigger {
	check("Debounce", object.IsNil(d), job == nil)
	if quiet <= 0 || longest < quiet {
		panic(fmt.Sprintf("timed: Debounce: the quiet time must be positive, and the longest wait not less; they are %v and %v", quiet, longest))
	}
	t := newTrigger(d, job)
	c := &t.clock
	var due, latest time.Time
	t.step = func(called bool, now time.Time) bool {
		set := c.timer != nil
		if !called {
			// The clock was set by the first call, and not again by the others.
			if early := due.Sub(now); early > 0 {
				c.set(early)
				return false
			}
			return true
		}
		if !set {
			latest = now.Add(longest)
		}
		if due = now.Add(quiet); due.After(latest) {
			due = latest
		}
		if !set {
			c.set(due.Sub(now))
		}
		return false
	}
	return t
}

// Throttle returns a Trigger that hands job over to d at most once in each period. The first
// call hands it over at once, like Async on the goroutine of the caller. The calls within the
// period after that share one job, which is handed over when the period is over.
//
// Throttle panics if d or job is nil or period is not positive.
func Throttle[T any](d desync.Object[T], period time.Duration, job func(data *T)) *Trigger {
	check("Throttle", object.IsNil(d), job == nil)
	if period <= 0 {
		panic(fmt.Sprintf("timed: Throttle: the period must be positive, it is %v", period))
	}
	t := newTrigger(d, job)
	c := &t.clock
	var free time.Time
	t.step = func(called bool, now time.Time) bool {
		if called {
			if c.timer != nil {
				return false
			}
			// More than a period away: the clock is another one, as in a synctest bubble.
			if wait := free.Sub(now); wait > 0 && wait <= period {
				c.set(wait)
				return false
			}
		}
		free = now.Add(period)
		return true
	}
	return t
}

// Call makes the job run once more. It does not wait. If the job is in the queue of the
// object already, and has not begun, that is enough.
func (t *Trigger) Call() { t.try(true) }

// Stop keeps the job of the calls so far from running, and reports whether it did: if it
// returns true, there was such a job, and it never runs. It returns false if none was to come
// any more. Later calls count as ever. So a service that is shut down does at once what was
// put off:
//
//	if save.Stop() {
//		document.Do(saveNow)
//	}
func (t *Trigger) Stop() bool { return t.clock.cancel() }

func newTrigger[T any](d desync.Object[T], job func(*T)) *Trigger {
	d.Pending() // panics if d is a key that cannot be found again
	t := new(Trigger)
	c := &t.clock
	t.try = func(called bool) {
		c.mu.Lock()
		if called && c.shot != nil || !called && !c.fired() || !t.step(called, time.Now()) {
			c.mu.Unlock()
			return
		}
		s := &shotOf[T]{clock: c, job: job}
		c.shot = &s.shot
		c.mu.Unlock()
		c.handOver(&s.shot, func() (stop func() bool) { return d.Submit(s) })
	}
	c.fire = func() { t.try(false) }
	return t
}
