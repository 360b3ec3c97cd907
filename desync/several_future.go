package desync

import (
	"context"

	"github.com/go-desync/go-desync/futures"
	"github.com/go-desync/go-desync/futures/waits"
)

// Future2 is [Desync.Future] on two objects at once. It takes its place in both queues in
// one step, as [Sync2] does, and returns a future of the job's result at once. While the
// job waits for one object it may hold the other, and jobs queued behind it there wait too.
//
// When both objects are held, the job runs on a goroutine of its own, which is started for
// it and ends with it. In profiles that goroutine has the name of the first object. The job
// runs whether or not anybody waits for the future.
//
// If the job panics, the future fails with a [*PanicError], and if it calls runtime.Goexit,
// with [futures.ErrGoexit]. Either way both objects go on.
//
// Future2 panics if an object or job is nil, or if both objects are the same.
func Future2[OA Object[A], OB Object[B], A, B, R any](a OA, b OB, job func(a *A, b *B) R) *futures.Future[R] {
	queued := false
	x := holdOf(a)
	defer letGoUnless(&queued, &x)
	y := holdOf(b)
	defer letGoUnless(&queued, &y)
	if x.isNil() || y.isNil() || job == nil {
		panic("desync: Future2: the objects and the job must not be nil")
	}
	f := futureAll("Future2", []member{x.member(), y.member()}, func() (result R, err error) {
		ctx := context.Background()
		a, err := x.valueContext(ctx)
		if err != nil {
			return result, err
		}
		b, err := y.valueContext(ctx)
		if err != nil {
			return result, err
		}
		return job(a, b), nil
	}, func() {
		y.letGo()
		x.letGo()
	}, job)
	queued = true
	return f
}

func letGoUnless[T any](queued *bool, h *hold[T]) {
	if !*queued {
		h.letGo()
	}
}

// FutureAll is [Future2] for any number of objects of one type. The job gets the data in
// the order of the objects, as in [DoAll], and must not keep the slice. With no object the
// job just runs, on a goroutine of its own.
//
// FutureAll panics if an object or job is nil, or if an object is listed twice.
func FutureAll[O Object[T], T, R any](objects []O, job func(data []*T) R) *futures.Future[R] {
	if job == nil {
		panic("desync: FutureAll: the job is nil")
	}
	queued := false
	r := newRoom[T](len(objects))
	defer func() {
		if !queued {
			r.free()
		}
	}()
	holdAll("FutureAll", r, objects)
	f := futureAll("FutureAll", r.members(nil), func() (result R, err error) {
		data, err := r.valuesContext(context.Background())
		if err != nil {
			return result, err
		}
		return job(data), nil
	}, r.free, job)
	queued = true
	return f
}

// futureAll queues job on all objects. over is called when the job has ended, but not if
// futureAll does not return. code is the user's function.
func futureAll[R any](call string, objects []member, job func() (R, error), over func(), code any) *futures.Future[R] {
	mustDiffer(call, objects)
	p := new(futures.Promise[R])
	queued := false
	var records []shareRecord
	defer func() {
		if !queued { // an observer's Queued or Held has not returned
			tellAll(&records)
		}
	}()
	recordAll(&records, objects, made{call: CallSeveral, code: code})
	g := new(gathering)
	if watching {
		var jobs []*waits.Job
		for _, o := range objects {
			jobs = append(jobs, waits.Queue(object(o)))
		}
		guardJobs(context.Background(), p, jobs...)
		g.wait = waits.Prepare(false, nil, jobs...)
		g.wait.InBackground()
	}
	g.run = func() {
		if watching {
			g.wait.Taken()
		}
		var c *config
		if len(objects) > 0 {
			c = objects[0].base().cfg
		}
		c.label()
		defer over()
		defer func() {
			settled, _ := p.Future().Try()
			eachGuarded(records, func(r *record) { r.tellErr(settled.Err) })
		}()
		defer releaseAll(objects)
		// Deferred, since the job was accepted: it runs even if Started does not return.
		defer settle(p, func() (R, error) {
			defer endAll(records, OutcomeUnwound)
			v, err := job()
			endAll(records, OutcomeReturned)
			return v, err
		})
		eachGuarded(records, func(r *record) { r.start(later) })
	}
	_, all, _ := g.enter(objects, records) // nobody waits, so there is no ring
	queued = true
	if all {
		go g.run()
	}
	return p.Future()
}
