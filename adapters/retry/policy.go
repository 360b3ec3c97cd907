package retry

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// A Policy says how often a job is tried, and when. The zero Policy tries until the context
// ends, without pauses.
type Policy struct {
	// Attempts is how often the job is tried at most, the first time included. 0 is no limit.
	Attempts int

	// Pause returns the time between an attempt, the n-th from 1, and the next. nil is no
	// pause, and so is a time that is not positive.
	Pause func(n int) time.Duration

	// GiveBack lets the object go on after an attempt that has failed. When the pause is over,
	// the job takes a new place at the tail of the queue, so others overtake it. Without it
	// the object is held through the pauses.
	GiveBack bool
}

// Constant is a [Policy].Pause that is always d.
func Constant(d time.Duration) func(n int) time.Duration {
	return func(int) time.Duration { return d }
}

// Exponential is a [Policy].Pause that is first after the first attempt, then twice as long
// after each, but no longer than most. Each is shortened by up to a quarter, at random, so that
// jobs which have failed together are not tried again together.
//
// Exponential panics if first is not positive or most is less than first.
func Exponential(first, most time.Duration) func(n int) time.Duration {
	if first <= 0 || most < first {
		panic(fmt.Sprintf("retry: Exponential: the first pause must be positive and the longest not shorter, they are %v and %v", first, most))
	}
	return func(n int) time.Duration {
		d := most
		if shift := n - 1; shift < 62 && first <= most>>shift {
			d = first << shift
		}
		return d - rand.N(d/4+1)
	}
}

// pause returns the pause after attempt n.
func (p Policy) pause(n int) time.Duration {
	if p.Pause == nil {
		return 0
	}
	return p.Pause(n)
}

// last reports whether the job is not tried again after attempt n has failed with err.
func (p Policy) last(n int, err error) bool {
	_, stop := errors.AsType[*permanent](err)
	return stop || n == p.Attempts
}

func (p Policy) check(call string) {
	if p.Attempts < 0 {
		panic(fmt.Sprintf("retry: %s: the number of attempts must not be negative, it is %d", call, p.Attempts))
	}
}

// Permanent makes err an error after which a job is not tried again. It returns nil if err is
// nil. The error of the call matches err.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return &permanent{err}
}

type permanent struct{ err error }

func (p *permanent) Error() string { return p.err.Error() }
func (p *permanent) Unwrap() error { return p.err }

// An Error is the error of a job that has failed and is not tried again. It matches the error
// of the last attempt and, if the context has ended before the next attempt, ctx.Err() and
// context.Cause(ctx). Match it with errors.As or errors.AsType.
type Error struct {
	Attempts int
	Err      error // of the last attempt

	ended error // why it was the last, or nil
}

// Error calls the Error of e.Err.
func (e *Error) Error() string {
	text := fmt.Sprintf("retry: attempt %d has failed: %v", e.Attempts, e.Err)
	if e.ended != nil {
		text += "; " + e.ended.Error()
	}
	return text
}

// Unwrap returns e.Err and the errors of the context.
func (e *Error) Unwrap() []error {
	if e.ended == nil {
		return []error{e.Err}
	}
	return []error{e.Err, e.ended}
}
