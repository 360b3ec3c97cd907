package flight

import (
	"context"
	"fmt"
	"math/bits"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-desync/go-desync/desync"
)

// A Recorder is an observer that keeps the jobs in flight and the last that have ended, in
// memory that does not grow. Give it to objects with [desync.WithObserver]; one is enough for
// a program. Make it with [New]. It has no goroutine, and needs no end.
type Recorder struct {
	desync.NopObserver

	base    time.Time // what the times of slots are relative to, and before all of them
	show    func(object string, key any) string
	showing atomic.Int32 // goroutines that call show
	names   names
	shift   int    // log2 of the number of stripes
	mask    uint64 // the slots of a stripe, less one
	stripes []stripe
}

var _ desync.Observer = (*Recorder)(nil)

// An Option sets a property of a recorder in [New].
type Option func(*Recorder)

const (
	defaultJobs = 1 << 14
	maxJobs     = 1 << 24
	stripeShift = 4
)

// New returns a recorder. With the default of 16,384 jobs it takes less than 3 MB, all of it
// now.
func New(opts ...Option) *Recorder {
	r := &Recorder{base: time.Now().Add(-1), shift: stripeShift, mask: defaultJobs>>stripeShift - 1}
	for _, o := range opts {
		o(r)
	}
	r.names.init()
	r.stripes = make([]stripe, 1<<r.shift)
	for i := range r.stripes {
		r.stripes[i].slots = make([]slot, r.mask+1)
		r.stripes[i].aside = make([]slot, asideSize)
	}
	return r
}

// Jobs sets how many jobs the recorder keeps, in flight and ended together. It rounds n up
// to a power of two, and to at least 16. Each takes 128 bytes.
//
// Jobs panics if n is less than 1 or more than 16,777,216.
func Jobs(n int) Option {
	if n < 1 || n > maxJobs {
		panic(fmt.Sprintf("flight: Jobs(%d): the number must be from 1 to %d; leave the option out for %d", n, maxJobs, defaultJobs))
	}
	size := uint64(1) << max(bits.Len(uint(n-1)), stripeShift)
	return func(r *Recorder) { r.mask = size>>r.shift - 1 }
}

// ShowKeys makes the recorder keep the keys of a [desync.Map]'s objects, and show what f
// makes of them: orders[ann]. Without it no key is kept, and the object is shown as
// orders#4711, with its number. That is also shown where f returns "". Think of who reads the
// output: keys are often names of people.
//
// f is called by [Recorder.Snapshot] and what builds on it, never while a job waits for it. A
// panic of f goes nowhere; the key is then not shown. A Snapshot waits one second for all
// calls of f, and shows numbers for the rest. What f returns is cut after 256 bytes.
//
// ShowKeys panics if f is nil.
func ShowKeys(f func(object string, key any) string) Option {
	if f == nil {
		panic("flight: ShowKeys: the function is nil; leave the option out to show no keys")
	}
	return func(r *Recorder) { r.show = f }
}

// Queued records a call.
func (r *Recorder) Queued(j desync.JobInfo) {
	var s slot
	r.fill(&s, &j)
	if j.Call == desync.CallSuspend {
		s.code = caller() // of its end nobody may be near
	}
	st := r.stripe(j.ID)
	st.mu.Lock()
	st.recorded++
	if p := st.room(r.index(j.ID)); p != nil {
		*p = s
	} else {
		st.dropped++
	}
	st.mu.Unlock()
}

// Held records that the object is held for the job, which cannot start yet.
func (r *Recorder) Held(j desync.JobInfo) {
	now := r.offset(time.Now())
	st := r.stripe(j.ID)
	st.mu.Lock()
	if p := r.find(st, &j); p != nil && p.finished == 0 {
		p.held = now
	}
	st.mu.Unlock()
}

// Started records that the job's turn has come.
func (r *Recorder) Started(j desync.JobInfo) {
	started := r.offset(j.Started)
	st := r.stripe(j.ID)
	st.mu.Lock()
	if p := r.find(st, &j); p != nil {
		p.started = started
	}
	st.mu.Unlock()
}

// Finished records how the job has ended. If the job has an error, it calls that error's
// method Error. For a call that waited and ran for more than a millisecond together, and for
// one that panicked, it looks at the stack.
func (r *Recorder) Finished(j desync.JobInfo) {
	err := errorText(j.Err)
	code := uintptr(0)
	slow := j.Finished.Sub(j.Queued) >= slowFrom
	if slow && j.Waits() || j.Outcome == desync.OutcomeUnwound {
		code = caller()
	}
	end := func(p *slot) {
		p.finished, p.outcome, p.err = r.offset(j.Finished), uint8(j.Outcome), err
		if code != 0 {
			p.code = code
		}
	}

	st := r.stripe(j.ID)
	st.mu.Lock()
	p, i := st.lookup(r.index(j.ID), j.ID)
	var ended slot
	switch {
	case p != nil:
		end(p)
		if i >= 0 {
			st.busy &^= 1 << i
		}
		ended = *p
	default: // it was dropped
		st.dropped -= min(st.dropped, 1)
		r.fill(&ended, &j)
		end(&ended)
		if p := &st.slots[r.index(j.ID)]; !p.inFlight() && p.id < j.ID {
			*p = ended
		}
	}
	st.mu.Unlock()
	r.names.ended(&j, &ended)
}

// errorText returns the text of an error, which is the user's code.
func errorText(err error) (text string) {
	if err == nil {
		return ""
	}
	defer func() {
		if v := recover(); v != nil {
			text = fmt.Sprintf("%T, whose method Error has panicked", err)
		}
	}()
	switch err {
	case context.Canceled, context.DeadlineExceeded, desync.ErrNotRun:
		return err.Error() // a constant
	}
	return strings.Clone(cut(err.Error()))
}

// find returns the slot of a job. If the job was dropped, it may have a slot from now on: it
// goes on, so it says more than most of those that wait. Otherwise find returns nil.
func (r *Recorder) find(st *stripe, j *desync.JobInfo) *slot {
	if p, _ := st.lookup(r.index(j.ID), j.ID); p != nil {
		return p
	}
	if st.dropped == 0 {
		return nil
	}
	p := st.room(r.index(j.ID))
	if p != nil {
		st.dropped--
		r.fill(p, j)
	}
	return p
}

// fill sets s to what is known of a job before its end.
func (r *Recorder) fill(s *slot, j *desync.JobInfo) {
	*s = slot{
		id: j.ID, objectID: j.ObjectID, set: j.Set, within: j.Within,
		queued: r.offset(j.Queued),
		ahead:  uint32(min(j.Ahead, 1<<32-1)), call: uint8(j.Call), waits: j.Waits(),
	}
	s.name, s.stat = r.names.find(j.Object)
	if j.Func != 0 {
		s.code = j.Func + 1
	}
	if !j.Started.IsZero() {
		s.started = r.offset(j.Started)
	}
	if r.show != nil {
		s.key = j.Key
	}
}

// offset returns a time as slots have it: never 0, and large where t is of another clock,
// that of a bubble of testing/synctest.
func (r *Recorder) offset(t time.Time) int64 { return int64(t.Sub(r.base)) }

func (r *Recorder) stripe(id uint64) *stripe { return &r.stripes[id&(1<<r.shift-1)] }

// index returns which slot of its stripe a job has.
func (r *Recorder) index(id uint64) uint64 { return id >> r.shift & r.mask }
