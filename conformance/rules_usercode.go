package conformance

import (
	"context"
	"runtime"
	"sync/atomic"
)

// usercodeRules are about functions of the user's that are no jobs.
func usercodeRules() []checkedRule {
	return []checkedRule{
		{
			Rule: Rule{
				ID: "PAN-6", Level: Must, Feature: FeatureCancel, Profile: LifecycleProfile, Method: Deterministic,
				Text:    "A panic or runtime.Goexit in a function of the user's that is no job, such as the Err method of a context or a handler of panics, leaves the object as if the call had been made whole or not at all. A panic on the caller's goroutine reaches the caller. Observers, constructors of values and other hooks are not known to the suite, and need tests of the implementation's own.",
				Why:     "The object would be stuck, or lose a job, through code that it only calls on the way.",
				Mutants: []string{"context-under-lock", "handler-under-lock"},
			},
			cases: []testCase{
				{name: "context", run: contextPanics},
				{name: "handler", needs: []Feature{FeaturePanicHandler}, run: handlerExits},
			},
		},
	}
}

// A badContext is one whose Err method panics when bad is set.
type badContext struct {
	context.Context
	bad *atomic.Bool
}

func (c badContext) Err() error {
	if c.bad.Load() {
		panic(thrown)
	}
	return c.Context.Err()
}

// contextPanics does not demand that Err is called.
func contextPanics(t *trial) {
	call := func(o Object, ctx context.Context) {
		if v := caught(func() { _ = o.(Canceler).DoContext(ctx, func(*State) {}) }); v != nil && v != thrown {
			t.fail("a panic in the Err method of a context reaches the caller with its value", "want %q, the caller recovered %v", thrown, v)
		}
	}
	o := t.object()
	for range 3 {
		var bad atomic.Bool
		ctx, cancel := context.WithCancel(context.Background())
		bad.Store(true)
		t.expect("DoContext returns or panics when the Err method of its context panics")
		call(o, badContext{ctx, &bad})
		t.do(o, func(*State) {}, "the object goes on after a panic in the Err method of a context")

		bad.Store(false)
		g := t.hold(o)
		done := t.goes(func() { call(o, badContext{ctx, &bad}) })
		t.patience(done)
		bad.Store(true)
		ran := make(chan struct{})
		queued := t.goes(func() { o.Async(func(*State) { close(ran) }) })
		t.patience(queued)
		g.open()
		t.await(done, "a DoContext that waits returns or panics when the Err method of its context panics")
		t.await(ran, "a job behind a call with such a context runs")
		cancel()
	}
	t.fence(o)
}

func handlerExits(t *trial) {
	o := t.object()
	told := make(chan struct{}, 1)
	o.(PanicPolicy).OnPanic(func(any) { told <- struct{}{}; runtime.Goexit() })
	for range 3 {
		ran := make(chan struct{})
		t.expect("Async returns")
		o.Async(func(*State) { panic(thrown) })
		o.Async(func(*State) { close(ran) })
		t.await(told, "the handler is told of a panic in an Async job")
		t.await(ran, "the object goes on after runtime.Goexit in its handler")
		t.fence(o)
	}
}
