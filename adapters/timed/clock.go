package timed

import (
	"sync"
	"time"

	"github.com/go-desync/go-desync/desync"
)

// A clock is a timer of the runtime and the job that is handed over when it fires. It is
//
//   - set, if timer is not nil;
//   - about to run, if shot is not nil: the job is in the queue of the object, or on its way;
//   - idle, if both are nil. Both are never there at once.
//
// Whoever takes the shot out of the clock decides what becomes of the job: the job itself in
// its turn, and then it runs; or a call of Stop, and then it never does, wherever it is.
//
// A timer that is stopped too late still calls fire, at some time. Such calls cannot be told
// from others, but they can be counted: late is how many are on their way, and so many of the
// calls that come first do not count. So one that counts is never too early: all of those that
// were late have come before it, or it is one of them, and has come after the one that was due.
type clock struct {
	mu    sync.Mutex
	fire  func() // set once; runs on the goroutine of the timer
	timer *time.Timer
	late  int
	shot  *shot
}

// A shot is a job that is handed over, once.
type shot struct{ stop func() bool } // takes it out of the queue; nil as long as it is on its way

// set sets an idle clock; mu is locked. The timer is a new one, so that an idle clock may go
// from one synctest bubble to another.
func (c *clock) set(delay time.Duration) { c.timer = time.AfterFunc(delay, c.fire) }

// fired is called by fire first, with mu locked, and reports whether the call counts.
func (c *clock) fired() bool {
	if c.late > 0 {
		c.late--
		return false
	}
	c.timer = nil
	return true
}

// clear makes the clock idle; mu is locked. It reports whether it was not. If it returns a
// function, that is to be called without mu.
func (c *clock) clear() (was bool, stop func() bool) {
	switch {
	case c.timer != nil:
		if !c.timer.Stop() {
			c.late++
		}
		c.timer = nil
		return true, nil
	case c.shot != nil:
		stop = c.shot.stop
		c.shot = nil
		return true, stop
	}
	return false, nil
}

// cancel is Stop.
func (c *clock) cancel() (was bool) {
	c.mu.Lock()
	was, stop := c.clear()
	c.mu.Unlock()
	if stop != nil {
		stop()
	}
	return was
}

// again is Reset.
func (c *clock) again(delay time.Duration) (was bool) {
	c.mu.Lock()
	if c.timer != nil && c.timer.Stop() {
		c.timer.Reset(delay)
		c.mu.Unlock()
		return true
	}
	if c.timer != nil { // it was too late to stop it
		c.late++
		c.timer, was = nil, true
	}
	before, stop := c.clear()
	c.set(delay)
	c.mu.Unlock()
	if stop != nil {
		stop()
	}
	return was || before
}

// take takes s out of the clock, and reports whether it was there.
func (c *clock) take(s *shot) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.shot != s {
		return false
	}
	c.shot = nil
	return true
}

// handOver calls submit, which hands over the job of s.
func (c *clock) handOver(s *shot, submit func() (stop func() bool)) {
	var stop func() bool
	defer func() {
		if stop == nil { // an observer has panicked: there is no such job
			c.take(s)
		}
	}()
	stop = submit()
	c.mu.Lock()
	there := c.shot == s
	if there {
		s.stop = stop
	}
	c.mu.Unlock()
	if !there { // it was stopped on its way, or has begun, which is the same to stop
		stop()
	}
}

// shotOf is a shot as a job.
type shotOf[T any] struct {
	shot
	clock *clock
	job   func(*T)
	begun bool
}

func (s *shotOf[T]) Run(data *T) {
	if s.clock.take(&s.shot) {
		s.begun = true
		s.job(data)
	}
}

// Func is for observers of the object.
func (s *shotOf[T]) Func() any { return s.job }

// Ended is also called if there is no value for the job. If a panic has kept the value of a
// key from being made, it goes on, as in Async.
func (s *shotOf[T]) Ended(err error) {
	if s.begun {
		return
	}
	s.clock.take(&s.shot)
	if p, ok := err.(*desync.PanicError); ok {
		panic(p)
	}
}
