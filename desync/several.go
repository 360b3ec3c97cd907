package desync

import (
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
// The objects are plain ones, or keys of maps, or one of each. A value of a key that has to
// be made is made when both are held.
//
// Sync2 panics if an object or job is nil, or if both objects are the same.
func Sync2[OA Object[A], OB Object[B], A, B, R any](a OA, b OB, job func(a *A, b *B) R) R {
	x, y := plainOf(a), plainOf(b)
	if x == nil || y == nil || job == nil {
		return sync2Held(a, b, job)
	}
	if !x.core.cfg.observed() && !y.core.cfg.observed() && x.core.take() {
		if y.core.take() {
			if watching {
				noteHeld(x, y)
			}
			defer func() {
				x.release()
				y.release()
			}()
			return job(&x.data, &y.data)
		}
		// Another goroutine has b, or both are the same. What was queued on a in between
		// goes on.
		x.release()
	}
	return sync2Held(a, b, job)
}

// sync2Held is Sync2 for all objects in all states. Two plain objects that are idle, the
// commonest case, are spared it.
func sync2Held[OA Object[A], OB Object[B], A, B, R any](a OA, b OB, job func(a *A, b *B) R) (result R) {
	x := holdOf(a)
	defer x.letGo()
	y := holdOf(b)
	defer y.letGo()
	if x.isNil() || y.isNil() || job == nil {
		panic("desync: Sync2: the objects and the job must not be nil")
	}
	switch {
	case !x.take():
	case !y.take():
		x.release() // as above
	default:
		if watching {
			noteHeld(x.member(), y.member())
		}
		defer func() {
			x.release()
			y.release()
		}()
		return job(x.value(), y.value())
	}
	runAll("Sync2", []member{x.member(), y.member()}, func() {
		result = job(x.value(), y.value())
	})
	return result
}

// Sync3 is [Sync2] on three objects.
//
// Sync3 panics if an object or job is nil, or if two objects are the same.
func Sync3[OA Object[A], OB Object[B], OC Object[C], A, B, C, R any](a OA, b OB, c OC, job func(a *A, b *B, c *C) R) (result R) {
	x := holdOf(a)
	defer x.letGo()
	y := holdOf(b)
	defer y.letGo()
	z := holdOf(c)
	defer z.letGo()
	if x.isNil() || y.isNil() || z.isNil() || job == nil {
		panic("desync: Sync3: the objects and the job must not be nil")
	}
	switch {
	case !x.take():
	case !y.take():
		x.release() // as in Sync2
	case !z.take():
		x.release()
		y.release()
	default:
		if watching {
			noteHeld(x.member(), y.member(), z.member())
		}
		defer func() {
			x.release()
			y.release()
			z.release()
		}()
		return job(x.value(), y.value(), z.value())
	}
	runAll("Sync3", []member{x.member(), y.member(), z.member()}, func() {
		result = job(x.value(), y.value(), z.value())
	})
	return result
}

// DoAll is [Sync2] for any number of objects of one type, without a result. The
// job gets the data in the order of the objects. With no object the job just runs. For
// plain objects and keys together, let the slice be one of [Object].
//
// The job must not keep the slice: it is used again when the job has returned.
//
// DoAll panics if an object or job is nil, or if an object is listed twice.
func DoAll[O Object[T], T any](objects []O, job func(data []*T)) {
	if job == nil {
		panic("desync: DoAll: the job is nil")
	}
	if plain, ok := any(objects).([]*Desync[T]); ok && doAllIdle(plain, job) {
		return
	}
	r := newRoom[T](len(objects))
	defer r.free()
	holdAll("DoAll", r, objects)
	if r.take() {
		defer r.release(len(objects))
		job(r.values())
		return
	}
	runAll("DoAll", r.members(nil), func() { job(r.values()) })
}

// doAllIdle is DoAll for plain objects that are idle and not observed, and reports whether
// they are. It spares them what a key needs, as Sync2 does. What is wrong with the objects,
// DoAll finds.
func doAllIdle[T any](objects []*Desync[T], job func([]*T)) bool {
	for i, d := range objects {
		if d == nil || d.core.cfg.observed() || !d.core.take() {
			releasePlain(objects[:i]) // as in Sync2
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
	defer releasePlain(objects)
	r := newRoom[T](len(objects))
	defer r.freePlain()
	for i, d := range objects {
		r.data[i] = &d.data
	}
	job(r.data)
	return true
}

func releasePlain[T any](objects []*Desync[T]) {
	for _, d := range objects {
		d.release()
	}
}

// runAll runs job when it has the turn of all objects. The idle ones that are not observed
// need not come here.
func runAll(call string, objects []member, job func()) {
	var records []shareRecord
	defer tellAll(&records)
	recordAll(&records, objects, made{call: CallSeveral})
	acquireAll(call, objects, records)
	defer releaseAll(objects)
	defer endAll(records, OutcomeUnwound)
	startAll(records, nil)
	job()
	endAll(records, OutcomeReturned)
}

// noteHeld tells package waits that the caller has taken all objects at once.
func noteHeld(objects ...member) {
	wait := waits.Prepare(false, nil, jobsOf(objects)...)
	wait.Placed()
	for _, o := range objects {
		wait.Granted(o.base())
	}
	waits.End()
}
