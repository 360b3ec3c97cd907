package desync

import (
	"fmt"
	"slices"

	"github.com/go-desync/go-desync/futures/waits"
)

// Sync2 is [Desync.Sync] on two objects at once. It waits until it has both, runs job on
// the calling goroutine and returns its result. It takes its place in both queues in one
// step, so calls that name the objects in opposite order cannot deadlock. Jobs that were
// handed over to either object before Sync2 began run before it.
//
// While it waits for one object it may hold the other, and jobs queued behind it there
// wait too. So a job that holds one object and waits for the other can deadlock with a
// Sync2 on both, even if all jobs take the objects in the same order. If several objects
// are needed at once, always take them with Sync2 or DoAll.
//
// A panic in the job goes to the caller, and runtime.Goexit ends the calling goroutine.
// Either way both objects go on. The job must not wait for one of the objects; see
// [Desync.Do].
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
		// Another goroutine has b, or both are the same. What was queued on a in between
		// goes on.
		a.release()
	}
	objects := []member{a, b}
	var records []*record
	defer tellAll(&records)
	recordAll(&records, objects)
	acquireAll("Sync2", objects)
	defer releaseAll(objects)
	defer endAll(records, OutcomeUnwound)
	startAll(records)
	result := job(&a.data, &b.data)
	endAll(records, OutcomeReturned)
	return result
}

// DoAll is [Sync2] for any number of objects of one type, without a result. The
// job gets the data in the order of the objects. With no object the job just runs.
//
// The job must not keep the slice: it is used again when the job has returned.
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

// takeAll takes the turn of all objects if all are idle and none is observed; otherwise
// it takes none.
func takeAll[T any](objects []*Desync[T]) bool {
	for i, d := range objects {
		if d.core.cfg.observed() || !d.core.take() {
			for _, d := range objects[:i] {
				d.release() // what was queued in between goes on
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

// noteHeld tells package waits that the caller has taken all objects at once.
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
	defer endAll(records, OutcomeUnwound)
	startAll(records)
	job(data)
	endAll(records, OutcomeReturned)
}

// These are the records of a call's observed objects. If one observer does not return,
// the observers of the other objects are still told that the call has ended.

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
		if r.info.Outcome == OutcomeUnfinished {
			defer r.end(o)
		}
	}
}

func tellAll(records *[]*record) {
	for _, r := range slices.Backward(*records) {
		defer r.tell()
	}
}
