package timed

import (
	"fmt"
	"time"

	"github.com/go-desync/go-desync/adapters/internal/object"
	"github.com/go-desync/go-desync/desync"
)

// A Ticker hands a job over to an object again and again. Its jobs do not pile up: while one
// is queued or runs, the times that pass are skipped. Make it with [Every] or [Schedule].
//
// A Ticker that is not stopped keeps its object alive, and goes on until the process ends.
// If the object is a key of a [desync.Map], the job runs only at times at which the key has a
// value, and is no use of the key, which becomes idle and is evicted as if there were no
// Ticker; see [desync.Key.DoIfPresent]. The Ticker goes on even then, so stop it in the
// function of [desync.Map.OnRemove] if there is one for each key.
//
// Its methods may be called by several goroutines at once, and do not wait. They must be called
// in the testing/synctest bubble in which the Ticker was started, if any. A job may call them on
// its own Ticker. If that is in a variable, make the Ticker in a job of the object: otherwise
// the job may run before the variable is set.
type Ticker struct {
	clock clock
	next  func(start, now time.Time) time.Time

	// The mutex of the clock guards them.
	start time.Time
	due   time.Time
	tick  *shot // from the time at which it is due until it has ended, unless the Ticker is stopped
}

// Every hands job over to d each time that a period has passed, for the first time after one
// period. The job runs like that of [desync.Desync.Async]. The times are multiples of period
// from the start, however long the jobs take.
//
// A panic of the job is handled as in Async. If the process goes on, so does the Ticker.
//
// Every panics if d or job is nil or period is not positive.
func Every[T any](d desync.Object[T], period time.Duration, job func(data *T)) *Ticker {
	check("Every", object.IsNil(d), job == nil)
	if period <= 0 {
		panic(fmt.Sprintf("timed: Every: the period must be positive, it is %v", period))
	}
	return newTicker(d, func(start, now time.Time) time.Time {
		return start.Add((now.Sub(start)/period + 1) * period)
	}, job)
}

// Schedule hands job over to d at the times that next returns: it is called with the time of
// now, once by Schedule and again each time that a job has ended. So it may be that of a cron
// expression, and the times at which a job still runs are skipped. If it returns a time that
// is not after the one that it is given, such as the zero Time, there are no more.
//
// The job runs like that of [desync.Desync.Async], and next is called in the turn of the job,
// before the object goes on. A panic of either is handled as in Async; if next panics, there
// are no more times. If the clock of the machine is set, the Ticker still waits for the time
// that next has returned.
//
// Schedule panics if d, next or job is nil.
func Schedule[T any](d desync.Object[T], next func(now time.Time) time.Time, job func(data *T)) *Ticker {
	check("Schedule", object.IsNil(d), job == nil || next == nil)
	return newTicker(d, func(_, now time.Time) time.Time { return next(now) }, job)
}

func check(name string, noObject, noFunction bool) {
	if noObject || noFunction {
		panic("timed: " + name + ": the object and the functions must not be nil")
	}
}

func newTicker[T any](d desync.Object[T], next func(start, now time.Time) time.Time, job func(*T)) *Ticker {
	d.Pending() // panics if d is a key that cannot be found again
	t := &tickerOf[T]{Ticker: Ticker{next: next}, job: job, submit: d.Submit}
	if k, ok := d.(present[T]); ok {
		t.submit = k.SubmitIfPresent
	}
	t.clock.fire = t.fire
	t.Start()
	return &t.Ticker
}

// present is a key of a Map.
type present[T any] interface {
	SubmitIfPresent(job desync.Job[T]) (stop func() bool)
}

var _ present[int] = desync.Key[int, int]{}

// Stop ends the Ticker, so that no further job begins, and reports whether that was in time:
// if it returns true, no job of the Ticker runs, and none will. It returns false if a job has
// begun, which is then the last one, or if the Ticker had ended before. Stop does not wait for
// a job that runs.
func (t *Ticker) Stop() bool {
	c := &t.clock
	c.mu.Lock()
	was, stop := c.clear()
	t.tick = nil
	c.mu.Unlock()
	if stop != nil {
		stop()
	}
	return was
}

// Start starts a Ticker that was stopped or has ended, and reports whether it did: it returns
// false if the Ticker goes on, or if there are no more times. The periods of [Every] count
// from now.
func (t *Ticker) Start() bool {
	now := time.Now()
	due := t.next(now, now)
	c := &t.clock
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.timer != nil || t.tick != nil || !due.After(now) {
		return false
	}
	t.start = now
	t.wait(due)
	return true
}

// wait sets the clock; its mutex is locked.
func (t *Ticker) wait(due time.Time) {
	t.due, t.tick = due, nil
	t.clock.set(time.Until(due))
}

// goOn is called when a tick has ended.
func (t *Ticker) goOn(tick *shot) {
	c := &t.clock
	c.mu.Lock()
	goesOn, start := t.tick == tick, t.start
	c.mu.Unlock()
	if !goesOn {
		return
	}
	now := time.Now()
	due := now // there are no more if next panics
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		switch {
		case t.tick != tick: // it was stopped meanwhile
		case due.After(now):
			t.wait(due)
		default:
			t.tick = nil
		}
	}()
	due = t.next(start, now)
}

// tickerOf is a Ticker with what depends on the type of the data.
type tickerOf[T any] struct {
	Ticker
	submit func(job desync.Job[T]) (stop func() bool)
	job    func(*T)
}

func (t *tickerOf[T]) fire() {
	c := &t.clock
	c.mu.Lock()
	if !c.fired() {
		c.mu.Unlock()
		return
	}
	if early := time.Until(t.due); early > 0 { // the clock of the machine was set back
		c.set(early)
		c.mu.Unlock()
		return
	}
	s := &tickOf[T]{shotOf[T]{clock: c, job: t.job}, &t.Ticker}
	c.shot, t.tick = &s.shot, &s.shot
	c.mu.Unlock()
	c.handOver(&s.shot, func() (stop func() bool) { return t.submit(s) })
}

// tickOf is the job of a tick.
type tickOf[T any] struct {
	shotOf[T]
	ticker *Ticker
}

func (s *tickOf[T]) Ended(err error) {
	defer s.ticker.goOn(&s.shot)
	s.shotOf.Ended(err)
}
