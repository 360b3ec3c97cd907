package conformance

import "context"

// A quietCall hands over a job, in whatever way, and returns what must be called, once
// and on any goroutine, before the object goes on; it may be nil.
type quietCall func(o, also Object, job func(*State)) (release func())

// quietCalls returns one for each kind of call that the object has.
func (t *trial) quietCalls() (calls []quietCall) {
	valued := func(job func(*State)) func(*State) int { return func(s *State) int { job(s); return 1 } }
	for _, c := range []struct {
		feature Feature
		call    quietCall
	}{
		{FeatureCore, func(o, _ Object, job func(*State)) func() { o.Async(job); return nil }},
		{FeatureCore, func(o, _ Object, job func(*State)) func() { o.Do(job); return nil }},
		{FeatureFuture, func(o, _ Object, job func(*State)) func() { o.(Futurer).Future(valued(job)); return nil }},
		{FeatureCancel, func(o, _ Object, job func(*State)) func() {
			ctx, cancel := context.WithCancel(context.Background())
			_ = o.(Canceler).DoContext(ctx, job)
			cancel()
			return nil
		}},
		{FeatureCancelFuture, func(o, _ Object, job func(*State)) func() {
			ctx, cancel := context.WithCancel(context.Background())
			o.(FutureCanceler).FutureContext(ctx, valued(job))
			return cancel // which may come before the job, or after it
		}},
		{FeatureTry, func(o, _ Object, job func(*State)) func() { o.(Trier).TryDo(job); return nil }},
		{FeatureAfter, func(o, _ Object, job func(*State)) func() {
			settle, _ := o.(Afterer).After(func(s *State, v int, _ error) int { job(s); return v })
			return func() { settle(1, nil) }
		}},
		{FeatureSuspend, func(o, _ Object, job func(*State)) func() {
			resume := o.(Suspender).Suspend()
			o.Async(job)
			return resume
		}},
		{FeatureSeveral, func(o, also Object, job func(*State)) func() {
			o.(MultiHolder).DoAll([]Object{also}, func(states []*State) { job(states[0]); job(states[1]) })
			return nil
		}},
		{FeatureClose, func(o, _ Object, job func(*State)) func() { o.(Closer).Submit(job); return nil }},
	} {
		if t.has(c.feature) {
			calls = append(calls, c.call)
		}
	}
	return calls
}

// handlerSees has jobs panic, and their handler read what they wrote before.
func handlerSees(t *trial) {
	type note struct{ n int }
	const rounds = 100
	o := t.object()
	told := newCount(rounds)
	o.(PanicPolicy).OnPanic(func(v any) {
		if p, ok := v.(*note); ok && p.n > 0 {
			told.add()
		}
	})
	for i := range rounds {
		o.Async(func(*State) {
			p := new(note)
			p.n = i + 1
			panic(p)
		})
	}
	if !t.comes(told.full) {
		t.inconclusive("the handler was told of %d of %d panics: see PAN-3", told.n.Load(), rounds)
	}
}
