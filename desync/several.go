package desync

import (
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/go-desync/go-desync/futures/waits"
)

// Sync2 is [Desync.Sync] on two objects at once: it waits until it has both, runs
// job on the calling goroutine and returns its result. It takes its place among the
// jobs of both in one step, so calls that name the objects in opposite order cannot
// deadlock, and a call that returned before Sync2 began, on either, runs before it.
//
// While it waits for one object it may hold the other, and jobs queued behind it there
// wait too. So a job that holds one object and waits for another can deadlock with calls
// of Sync2 on both, even if all jobs take the objects in the same order. Always take
// them with Sync2 or DoAll.
//
// A panic or runtime.Goexit in the job is the caller's own; both objects go on.
// The job must not wait for one of the objects; see [Desync.Do].
//
// Sync2 panics if an object or job is nil, or if both objects are the same.
func Sync2[A, B, R any](a *Desync[A], b *Desync[B], job func(a *A, b *B) R) R {
	if a == nil || b == nil || job == nil {
		panic("desync: Sync2: the objects and the job must not be nil")
	}
	if !a.core.cfg.observed() && !b.core.cfg.observed() && a.core.take() {
		if b.core.take() {
			if watching {
				noteHeld(a, b)
			}
			defer func() {
				a.release()
				b.release()
			}()
			return job(&a.data, &b.data)
		}
		// Somebody has the other, or both are the same. What has been queued in between
		// goes on.
		a.release()
	}
	objects := []member{a, b}
	var records []*record
	defer tellAll(&records)
	recordAll(&records, objects)
	acquireAll("Sync2", objects)
	defer releaseAll(objects)
	defer endAll(records, Unwound)
	startAll(records)
	result := job(&a.data, &b.data)
	endAll(records, Returned)
	return result
}

// DoAll is [Sync2] for any number of objects of one type, without a result. The
// job gets the data in the order of the objects. With no object the job just runs.
//
// The slice is the library's: it must not be used when the job has returned.
//
// DoAll panics if an object or job is nil, or if an object is listed twice.
func DoAll[T any](objects []*Desync[T], job func(data []*T)) {
	if job == nil {
		panic("desync: DoAll: the job is nil")
	}
	for i, d := range objects {
		if d == nil {
			panic(fmt.Sprintf("desync: DoAll: object %d is nil", i))
		}
	}
	r := newRoom[T](len(objects))
	defer r.free()
	for i, d := range objects {
		r.data[i] = &d.data
	}
	if takeAll(objects) {
		defer func() {
			for _, d := range objects {
				d.release()
			}
		}()
		job(r.data)
		return
	}
	doAllSlow(objects, r.data, job)
}

// takeAll takes the turn of all objects, if they are idle and not observed, or of none.
func takeAll[T any](objects []*Desync[T]) bool {
	for i, d := range objects {
		if d.core.cfg.observed() || !d.core.take() {
			for _, d := range objects[:i] {
				d.release() // what has been queued in between goes on
			}
			return false
		}
	}
	if watching {
		members := make([]member, len(objects))
		for i, d := range objects {
			members[i] = d
		}
		noteHeld(members...)
	}
	return true
}

// noteHeld says that the caller has taken all objects at once.
func noteHeld(objects ...member) {
	wait := prepareAll(objects)
	wait.Placed()
	for _, o := range objects {
		wait.Granted(o.base())
	}
	waits.End()
}

func prepareAll(objects []member) *waits.Waiting {
	var jobs []*waits.Job
	for _, o := range objects {
		jobs = append(jobs, waits.NewJob(object(o)))
	}
	return waits.Prepare(false, nil, jobs...)
}

func doAllSlow[T any](objects []*Desync[T], data []*T, job func(data []*T)) {
	members := make([]member, len(objects))
	for i, d := range objects {
		members[i] = d
	}
	var records []*record
	defer tellAll(&records)
	recordAll(&records, members)
	acquireAll("DoAll", members)
	defer releaseAll(members)
	defer endAll(records, Unwound)
	startAll(records)
	job(data)
	endAll(records, Returned)
}

// A gathering is the entry, in the queues of several objects, of a call that waits
// for all of them. Those that are granted early are held until the last is.
type gathering struct {
	missing atomic.Int32
	waiter  *waiter
	wait    *waits.Waiting // nil where waits are not watched
}

// share is a gathering's entry in one of the queues.
type share struct {
	*gathering
	of *core
}

func (s share) grant() bool {
	if watching {
		s.wait.Granted(s.of)
	}
	if s.missing.Add(-1) == 0 {
		s.waiter.grant()
	}
	return true
}

func acquireAll(call string, objects []member) {
	seen := make(map[*core]int, len(objects))
	for i, o := range objects {
		if j, twice := seen[o.base()]; twice {
			panic(fmt.Sprintf("desync: %s: objects %d and %d are the same, %s; a job gets each object once", call, j, i, o.describe()))
		}
		seen[o.base()] = i
	}
	if len(objects) == 0 {
		return
	}
	g := &gathering{waiter: newWaiter()}
	if watching {
		g.wait = prepareAll(objects)
	}
	// One more than there are, so that the wait does not end before the last place is
	// taken.
	g.missing.Store(int32(len(objects)) + 1)
	lockAll(objects)
	if watching {
		if ring := g.wait.Begin(); ring != nil {
			unlockAll(objects)
			panic(deadlock(ring))
		}
		g.wait.Placed()
	}
	taken := int32(1)
	for _, o := range objects {
		c := o.base()
		if now, _ := c.placeLocked(share{g, c}, nil); now {
			if watching {
				g.wait.Granted(c)
			}
			taken++
		}
	}
	unlockAll(objects)
	at(unlocked)
	if g.missing.Add(-taken) != 0 {
		g.waiter.wait(nil)
	}
	g.waiter.free()
	if watching {
		waits.End()
	}
}

func releaseAll(objects []member) {
	for _, o := range objects {
		o.release()
	}
}

func unlockAll(objects []member) {
	for _, o := range objects {
		o.base().mu.Unlock()
	}
}

// lockAll locks the mu of every object. It never waits for one while it holds another: if
// one is taken, it unlocks all and starts again with that one. So two calls cannot block
// each other, whatever their order.
func lockAll(objects []member) {
	at(joinLock)
	for first := 0; ; {
		objects[first].base().mu.Lock()
		taken := -1
		for i, o := range objects {
			if i != first && !o.base().mu.TryLock() {
				taken = i
				break
			}
		}
		if taken < 0 {
			return
		}
		for i, o := range objects[:taken] {
			if i != first {
				o.base().mu.Unlock()
			}
		}
		objects[first].base().mu.Unlock()
		first = taken
	}
}

// The records of the observed objects of a call. If one observer does not return, the
// observers of the other objects are still told that the call has ended.

// recordAll appends one record after the other, so that none is lost.
func recordAll(records *[]*record, objects []member) {
	for _, o := range objects {
		if c := o.base().cfg; c.observed() {
			*records = append(*records, c.record())
		}
	}
}

func startAll(records []*record) {
	for _, r := range records {
		r.start()
	}
}

// endAll ends the records that have not ended.
func endAll(records []*record, o Outcome) {
	for _, r := range records {
		if r.info.Outcome == Unfinished {
			defer r.end(o)
		}
	}
}

func tellAll(records *[]*record) {
	for _, r := range slices.Backward(*records) {
		defer r.tell()
	}
}
