package flight

import (
	"errors"
	"fmt"
	"math"
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
	mask    uint64 // the slots of a stripe, less one
	stripes [stripeCount]stripe
}

var _ desync.Observer = (*Recorder)(nil)

// An Option sets a property of a recorder in [New].
type Option func(*Recorder)

const (
	defaultJobs = 1 << 14
	maxJobs     = 1 << 24
	stripeCount = 16
)

// New returns a recorder. With the default of 16,384 jobs it takes less than 3 MB, all of it
// now.
func New(opts ...Option) *Recorder {
	r := &Recorder{base: time.Now().Add(-1), mask: defaultJobs/stripeCount - 1}
	for _, o := range opts {
		o(r)
	}
	r.names.init()
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
	size := max(uint64(1)<<bits.Len(uint(n-1)), stripeCount)
	return func(r *Recorder) { r.mask = size/stripeCount - 1 }
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
	suspended := uintptr(0)
	if j.Call == desync.CallSuspend {
		suspended = unwind(false) // nobody may be near when it ends
	}
	st, i := r.place(j.ID)
	st.mu.Lock()
	st.recorded++
	if p := st.room(i); p != nil {
		r.fill(st, p, &j)
		if suspended != 0 {
			p.code = suspended
		}
	} else {
		st.dropped++
	}
	st.mu.Unlock()
}

// Held records that the object is held for the job, which cannot start yet.
func (r *Recorder) Held(j desync.JobInfo) {
	now := r.offset(time.Now())
	st, i := r.place(j.ID)
	st.mu.Lock()
	if p := r.find(st, i, &j); p != nil && p.finished == 0 {
		p.held = now
	}
	st.mu.Unlock()
}

// Started records that the job's turn has come.
func (r *Recorder) Started(j desync.JobInfo) {
	if j.InTurn {
		return // Queued has noted it
	}
	st, i := r.place(j.ID)
	started := r.offset(j.Started)
	st.mu.Lock()
	p := &st.slots[i]
	if p.id != j.ID {
		p = r.find(st, i, &j)
	}
	if p != nil {
		p.started = started
	}
	st.mu.Unlock()
}

// Finished records how the job has ended. If the job has an error, it calls that error's
// method Error. For a call that waited and ran for more than a millisecond together, and for
// a job that panicked, it looks at the stack.
func (r *Recorder) Finished(j desync.JobInfo) {
	err := ""
	if j.Err != nil {
		err = r.errorText(j.Err)
	}
	code := uintptr(0)
	if j.Outcome == desync.OutcomeUnwound || j.Waits() && j.Finished.Sub(j.Queued) >= slowFrom {
		code = unwind(!j.Waits())
	}
	finished := r.offset(j.Finished)
	st, i := r.place(j.ID)
	st.mu.Lock()
	p := &st.slots[i]
	if p.id != j.ID {
		p = st.ending(i, j.ID)
	}
	if p == nil { // it was dropped
		if st.dropped > 0 {
			st.dropped--
		}
		p = &slot{}
		if other := &st.slots[i]; !other.inFlight() && other.id < j.ID {
			p = other
		}
		r.fill(st, p, &j)
	}
	if p.started == 0 && !j.Started.IsZero() {
		p.started = r.offset(j.Started)
	}
	p.finished, p.outcome, p.err = finished, uint8(j.Outcome), err
	if code != 0 {
		p.code = code
	}
	r.names.ended(st, p)
	st.mu.Unlock()
}

// errorText returns the text of an error, which is the user's code. That of a deadlock names
// the keys in the ring.
func (r *Recorder) errorText(err error) (text string) {
	if _, ok := errors.AsType[*desync.DeadlockError](err); ok && r.show == nil {
		return "the call would have been a deadlock"
	}
	defer func() {
		if recover() != nil {
			text = fmt.Sprintf("%T, whose method Error has panicked", err)
		}
	}()
	return strings.Clone(cut(err.Error()))
}

// find returns the slot of a job that goes on. If the job was dropped, it may have a slot from
// now on: it says more than most of those that wait. Otherwise find returns nil.
func (r *Recorder) find(st *stripe, i uint64, j *desync.JobInfo) *slot {
	if p, _ := st.lookup(i, j.ID); p != nil {
		return p
	}
	if st.dropped == 0 {
		return nil
	}
	p := st.room(i)
	if p != nil {
		st.dropped--
		r.fill(st, p, j)
	}
	return p
}

// fill sets p to what is known of a job before its end.
func (r *Recorder) fill(st *stripe, p *slot, j *desync.JobInfo) {
	p.id, p.objectID, p.set, p.within = j.ID, j.ObjectID, j.Set, j.Within
	queued := r.offset(j.Queued)
	p.code, p.queued, p.held, p.started, p.finished = 0, queued, 0, 0, 0
	p.name, p.stat = st.names[j.ObjectID%cachedNames].of(&r.names, j.Object)
	p.err, p.key = "", nil
	if r.show != nil {
		p.key = j.Key
	}
	p.ahead, p.call, p.outcome, p.waits = int32(min(j.Ahead, math.MaxInt32)), uint8(j.Call), 0, j.Waits()
	if j.Func != 0 {
		p.code = j.Func + 1
	}
	switch {
	case j.Started == j.Queued:
		p.started = queued
	case !j.Started.IsZero():
		p.started = r.offset(j.Started)
	}
}

// offset returns a time as slots have it: never 0, and large where t is of another clock,
// that of a bubble of testing/synctest.
func (r *Recorder) offset(t time.Time) int64 { return int64(t.Sub(r.base)) }

// place returns the stripe of a job, and the index of its slot there.
func (r *Recorder) place(id uint64) (st *stripe, i uint64) {
	return &r.stripes[id%stripeCount], id / stripeCount & r.mask
}
