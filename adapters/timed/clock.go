package timed

import (
	"sync"
	"time"

	"github.com/go-desync/go-desync/desync"
)

// A clock is a timer of the runtime and the job that is handed over when it fires. It is
//
//   - set, if timer is not nil;
//   - about to run, if shot has a job: it is in the queue of the object, or on its way;
//   - idle, if neither is so. Both are never so at once.
//
// Whoever takes the shot out of the clock decides what becomes of the job: the job itself in
// its turn, and then it runs; or a call of Stop, and then it never does, wherever it is.
//
// A timer that is stopped too late still calls fire, at some time. Such calls cannot be told
// from others, but they can be counted: late is how many are on their way, and so many of the
// calls that come first do not count. So one that counts is never too early: all of those that
// were late have come before it, or it is one of them, and has come after the one that was due.
//
// There may be very many clocks that are set, and few of them have a shot. So what only some of
// them need is there, and not in the clock.
type clock struct {
	mu    sync.Mutex
	fire  func() // set once; runs on the goroutine of the timer
	timer *time.Timer
	shot  *shot // nil if it would have neither a job nor calls that are late
}

// A shot is a job that is handed over, once, and what else a clock knows while it has it.
type shot struct {
	stop  func() bool // takes the job out of the queue; nil as long as it is on its way
	late  int32       // of the clock
	none  bool        // there is no job
	begun bool        // of the job, in its turn
}

// put puts s, or no job if it is nil, in the place of the shot; mu is locked.
func (c *clock) put(s *shot) {
	if c.shot != nil && c.shot.late > 0 {
		if s == nil {
			s = &shot{none: true}
		}
		s.late = c.shot.late
	}
	c.shot = s
}

// queued reports whether the job is about to run; mu is locked.
func (c *clock) queued() bool { return c.shot != nil && !c.shot.none }

// set sets an idle clock; mu is locked. The timer is a new one, so that an idle clock may go
// from one synctest bubble to another.
func (c *clock) set(delay time.Duration) { c.timer = time.AfterFunc(delay, c.fire) }

// fired is called by fire first, with mu locked, and reports whether the call counts.
func (c *clock) fired() bool {
	if s := c.shot; s != nil && s.late > 0 {
		s.late--
		if s.none && s.late == 0 {
			c.shot = nil
		}
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
		c.halt()
		return true, nil
	case c.queued():
		stop = c.shot.stop
		c.put(nil)
		return true, stop
	}
	return false, nil
}

// halt makes a clock idle that is set; mu is locked.
func (c *clock) halt() {
	if !c.timer.Stop() {
		if c.shot == nil {
			c.shot = &shot{none: true}
		}
		c.shot.late++
	}
	c.timer = nil
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
	was, stop := c.clear() // if it was too late to stop the timer, it still is
	c.set(delay)
	c.mu.Unlock()
	if stop != nil {
		stop()
	}
	return was
}

// take takes s out of the clock, and reports whether it was there.
func (c *clock) take(s *shot) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.shot != s {
		return false
	}
	c.put(nil)
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
