package desync

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Sync2Context is [Sync2] for a caller that may give up, as [Desync.SyncContext] is for one
// object. If ctx ends before the caller has both objects, or has ended before the call, the
// job never runs, and Sync2Context returns at once with a [*NotRunError], which matches
// [ErrNotRun], ctx.Err() and context.Cause(ctx). It gives up both places in one step. If it
// held one of the objects already, what is queued there goes on at once. Once the job has
// started, Sync2Context returns what the job returns, even if ctx ends.
//
// The job gets a context derived from ctx, which records that the job holds both objects;
// see [Desync.DoContext]. If that would be a deadlock along ctx, Sync2Context returns a
// [*DeadlockError].
//
// If the job does not run, the result is the zero R. A panic in the job goes to the caller,
// and runtime.Goexit ends the calling goroutine. Either way both objects go on.
//
// Sync2Context panics if ctx, an object or job is nil, or if both objects are the same.
func Sync2Context[OA Object[A], OB Object[B], A, B, R any](ctx context.Context, a OA, b OB, job func(ctx context.Context, a *A, b *B) (R, error)) (result R, err error) {
	x := holdOf(a)
	defer x.letGo()
	y := holdOf(b)
	defer y.letGo()
	if ctx == nil || x.isNil() || y.isNil() || job == nil {
		panic("desync: Sync2Context: the context, the objects and the job must not be nil")
	}
	j := &severalContext{Context: ctx, own: [2]member{x.member(), y.member()}}
	j.objects = j.own[:]
	err = j.run("Sync2Context", func() error {
		a, err := x.valueContext(j)
		if err != nil {
			return err
		}
		b, err := y.valueContext(j)
		if err != nil {
			return err
		}
		result, err = job(j, a, b)
		return err
	})
	return result, err
}

// DoAllContext is [Sync2Context] for any number of objects of one type, without a result.
// The job gets the data in the order of the objects, as in [DoAll], and must not keep the
// slice. With no object the job just runs, unless ctx has ended.
//
// DoAllContext panics if ctx, an object or job is nil, or if an object is listed twice.
func DoAllContext[O Object[T], T any](ctx context.Context, objects []O, job func(ctx context.Context, data []*T) error) error {
	if ctx == nil || job == nil {
		panic("desync: DoAllContext: the context and the job must not be nil")
	}
	r := newRoom[T](len(objects))
	defer r.free()
	holdAll("DoAllContext", r, objects)
	j := &severalContext{Context: ctx}
	j.objects = r.members(j.own[:])
	return j.run("DoAllContext", func() error {
		data, err := r.valuesContext(j)
		if err != nil {
			return err
		}
		return job(j, data)
	})
}

// run runs job in the turn of all objects, or returns why it must not run. j is the context
// of the job.
func (j *severalContext) run(call string, job func() error) (err error) {
	if j.Context.Err() == nil && takeAll(j.objects) {
		defer releaseAll(j.objects)
		defer j.over.set()
		return job()
	}
	var records []shareRecord
	defer func() { tellAllErr(&records, err) }()
	recordAll(&records, j.objects, made{call: CallSeveral, ctx: j.Context})
	if err := acquireAllContext(j.Context, call, j.objects, records); err != nil {
		return err
	}
	defer releaseAll(j.objects)
	defer j.over.set()
	defer endAll(records, OutcomeUnwound)
	j.Context = startAll(records, j.Context)
	err = job()
	endAll(records, OutcomeReturned)
	return err
}

// takeAll takes the turn of all objects, if they are idle and not observed, or of none.
func takeAll(objects []member) bool {
	for i, o := range objects {
		if c := o.base(); c.cfg.observed() || !c.take() {
			releaseAll(objects[:i]) // what has been queued in between goes on
			return false
		}
	}
	if watching {
		noteHeld(objects...)
	}
	return true
}

// acquireAllContext takes the turn of all objects, or returns why the job must not run. It
// calls no method of ctx while it has a place or a turn: a method may be the user's, and
// may panic.
func acquireAllContext(ctx context.Context, call string, objects []member, records []shareRecord) error {
	mustDiffer(call, objects)
	if ctx.Err() != nil {
		return notRunAll(ctx, objects, call)
	}
	for _, o := range objects {
		if err := ringAlong(ctx, o, "Context"); err != nil {
			return err
		}
	}
	done := ctx.Done()
	got, ring := gather(objects, records, done)
	switch {
	case ring != nil && ctx.Err() == nil:
		return deadlock(ring)
	case got && !isClosed(done):
		return nil
	case got: // the context has ended before the last turn came, and the select took that
		releaseAll(objects)
	}
	return notRunAll(ctx, objects, call)
}

// notRunAll returns the error of a call for several objects whose context, ctx, has ended.
func notRunAll(ctx context.Context, objects []member, call string) error {
	e := &NotRunError{Call: call, ended: endOf(ctx)}
	var names []string
	for i, m := range objects {
		name, key := m.identity()
		names = append(names, name)
		if key != nil {
			if e.Keys == nil {
				e.Keys = make([]any, len(objects))
			}
			e.Keys[i] = key
		}
	}
	e.Object = listed(slices.Compact(names)) // keys of one map have one name
	return e
}

// listed returns a text for the names of objects.
func listed(names []string) string {
	const most = 4
	if len(names) > most {
		names = append(slices.Clone(names[:most-1]), fmt.Sprintf("%d others", len(names)-most+1))
	}
	switch n := len(names); n {
	case 0:
		return "no object"
	case 1:
		return names[0]
	default:
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
}
