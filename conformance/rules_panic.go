package conformance

import (
	"context"
	"fmt"
	"strings"
)

// panicRules are about jobs that do not end by returning.
func panicRules() []checkedRule {
	future := []Feature{FeatureFuture}
	handler := []Feature{FeaturePanicHandler}
	return []checkedRule{
		{
			Rule: Rule{
				ID: "PAN-1", Level: Must, Feature: FeaturePanics, Profile: LifecycleProfile, Method: Deterministic,
				Text:    "A panic in the job of Do, DoContext, Try or DoAll reaches the caller with its value, as from any function.",
				Why:     "The caller's own deferred calls and recover would not work.",
				Mutants: []string{"sync-strands-on-panic"},
			},
			cases: []testCase{
				{name: "do", run: panicsToCaller("Do", func(o Object, job func(*State)) { o.Do(job) })},
				{name: "try", needs: []Feature{FeatureTry}, run: panicsToCaller("TryDo", func(o Object, job func(*State)) { o.(Trier).TryDo(job) })},
				{name: "several", needs: []Feature{FeatureSeveral}, run: severalPanics},
			},
		},
		{
			Rule: Rule{
				ID: "PAN-2", Level: Must, Feature: FeatureFuture, Profile: LifecycleProfile, Method: Deterministic,
				Text:    "A panic in the job of a future settles the future with an error that contains the value.",
				Why:     "The waiting goroutine would wait forever, or get a value that no job returned.",
				Mutants: []string{"panic-kills-drainer"},
			},
			cases: []testCase{
				{name: "future", run: futurePanics},
				{name: "after", needs: []Feature{FeatureAfter}, run: afterPanics},
			},
		},
		{
			Rule: Rule{
				ID: "PAN-3", Level: Must, Feature: FeatureCrash, Profile: LifecycleProfile, Method: Deterministic,
				Text:    "A panic in an Async job ends the process with the original value, as in any goroutine. If there is a handler, it gets the value instead, at once, and it may use the object.",
				Why:     "A fault that nobody learns of would go on damaging the data.",
				Mutants: []string{"async-panic-swallowed"},
			},
			cases: append([]testCase{
				{name: "crash", child: true, run: asyncPanicCrashes, judge: crashedWithValue},
				{name: "handler", needs: handler, run: handlerIsTold},
			}, crashCases()...),
		},
		{
			Rule: Rule{
				ID: "PAN-4", Level: Must, Feature: FeaturePanics, Profile: LifecycleProfile, Method: Deterministic,
				Text:    "After a panic the object goes on with the next job, and every waiting caller returns in the end.",
				Why:     "One bad job would stop all later ones.",
				Mutants: []string{"panic-kills-drainer", "waiters-behind-panic-hang", "sync-strands-on-panic"},
			},
			cases: []testCase{
				{name: "do", run: goesOnAfterDo},
				{name: "future", needs: future, run: goesOnAfterFuture},
				{name: "async", needs: handler, run: goesOnAfterAsync},
			},
		},
		{
			Rule: Rule{
				ID: "PAN-5", Level: Must, Feature: FeatureGoexit, Profile: LifecycleProfile, Method: Deterministic,
				Text:    "runtime.Goexit in a background job ends that job only. The object goes on, and a future settles with an error.",
				Why:     "t.FailNow in a job would stop the object silently.",
				Mutants: []string{"goexit-kills-drainer"},
			},
			cases: []testCase{
				{name: "async", run: goexitInAsync},
				{name: "future", needs: future, run: goexitInFuture},
			},
		},
		{
			Rule: Rule{
				ID: "HLP-2", Level: Must, Feature: FeatureFuture, Profile: LifecycleProfile, Method: Deterministic,
				Text:    "The panic of a background job never reaches the caller of a Do that waits behind it, whichever goroutine runs the job.",
				Why:     "A caller would get the panic of somebody else's job.",
				Mutants: []string{"waiters-behind-panic-hang", "panic-hits-waiter"},
			},
			cases: []testCase{
				{name: "future", run: panicPassesHelper},
			},
		},
		{
			Rule: Rule{
				ID: "HLP-3", Level: Should, Feature: FeatureGoexit, Profile: LifecycleProfile, Method: Untestable,
				Text:   "If a Do runs a background job (HLP-1) that calls runtime.Goexit, it may end the goroutine of the Do too. The object goes on first.",
				Why:    "Users would call t.FailNow in a background job, and wonder which goroutine ends.",
				Reason: "Nothing can violate a permission. That the object goes on is PAN-5.",
			},
		},
	}
}

func panicsToCaller(name string, call func(Object, func(*State))) func(*trial) {
	return func(t *trial) {
		o := t.object()
		for range 5 {
			t.expect("%s returns or panics when its job panics", name)
			if v := caught(func() { call(o, func(*State) { panic(thrown) }) }); v != thrown {
				t.fatal("a panic in the job of "+name+" reaches the caller with its value", "want %q, the caller recovered %v", thrown, v)
			}
			t.do(o, func(*State) {}, "a Do after a panic in the job of %s returns", name)
		}
	}
}

func severalPanics(t *trial) {
	a, b := t.object(), t.object()
	t.expect("DoAll returns or panics when its job panics")
	if v := caught(func() { a.(MultiHolder).DoAll([]Object{b}, func([]*State) { panic(thrown) }) }); v != thrown {
		t.fatal("a panic in the job of DoAll reaches the caller with its value", "want %q, the caller recovered %v", thrown, v)
	}
	t.fence(a)
	t.fence(b)
}

func futurePanics(t *trial) {
	o := t.object()
	for range 5 {
		wait := o.(Futurer).Future(func(*State) int { panic(thrown) })
		t.expect("the wait for a future whose job panicked ends")
		t.namesThrown(wait(context.Background()))
	}
}

func afterPanics(t *trial) {
	o := t.object()
	settle, wait := o.(Afterer).After(func(*State, int, error) int { panic(thrown) })
	settle(1, nil)
	t.expect("the wait for an After whose job panicked ends")
	t.namesThrown(wait(context.Background()))
	t.fence(o)
}

func (t *trial) namesThrown(v int, err error) {
	if err == nil {
		t.fatal("a future whose job panicked has an error", "it has the value %d and no error", v)
	}
	if !strings.Contains(err.Error(), thrown) {
		t.fatal("the error of a future whose job panicked names the value of the panic", "want %q in it, it reads: %v", thrown, err)
	}
}

func asyncPanicCrashes(t *trial) {
	o := t.object()
	o.Async(func(*State) { panic(thrown) })
	o.Async(func(*State) {})
	// The job's deferred calls, which may let the object go on, run before the process
	// ends. So it lives only if nothing moves any more and it still does.
	t.expect("a panic in an Async job ends the process")
	t.comes(nil)
	t.fatal("a panic in an Async job ends the process", "the process lives, and the object goes on as if nothing had happened")
}

// crashedWithValue judges a child process that ended in the middle of the case.
func crashedWithValue(end outcome) (what string) {
	switch {
	case end.err == nil:
		return "the process ended with exit code 0"
	case !strings.Contains(end.output, "panic: ") || !strings.Contains(end.output, thrown):
		return fmt.Sprintf("the process ended (%v), but not with the panic's own value, %q", end.err, thrown)
	case !strings.Contains(end.output, "conformance.asyncPanicCrashes"):
		return "the process ended with the panic's value, but without the stack of the job"
	}
	return ""
}

func handlerIsTold(t *trial) {
	o := t.object()
	told := make(chan any, 1)
	o.(PanicPolicy).OnPanic(func(v any) { told <- v })
	ran := make(chan struct{})
	o.Async(func(*State) { panic(thrown) })
	o.Async(func(*State) { close(ran) })
	t.expect("the handler is told of a panic in an Async job")
	if v := <-told; !strings.Contains(fmt.Sprint(v), thrown) {
		t.fatal("the handler is told the value of the panic", "want %q, got %v", thrown, v)
	}
	t.await(ran, "the object goes on after a panic that a handler was told of")
}
