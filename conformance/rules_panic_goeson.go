package conformance

import (
	"context"
	"runtime"
)

func goesOnAfterDo(t *trial) {
	o := t.object()
	g := t.hold(o)
	r := newRecord(2)
	panics := t.goes(func() {
		caught(func() { o.Do(func(*State) { panic(thrown) }) })
	})
	t.patience(panics)
	behind := t.goes(func() { o.Async(r.job(0)); o.Do(r.job(1)) })
	t.patience(behind)
	g.open()
	t.await(panics, "a Do whose job panics returns to its caller")
	t.await(behind, "a Do behind a job that panics returns")
	t.await(r.full, "the jobs behind one that panics run")
	t.do(o, func(*State) {}, "a Do after all that returns")
}

func goesOnAfterFuture(t *trial) {
	o := t.object()
	g := t.hold(o)
	var first, last Wait
	queued := t.goes(func() {
		first = o.(Futurer).Future(func(*State) int { panic(thrown) })
		last = o.(Futurer).Future(func(*State) int { return 1 })
	})
	t.patience(queued)
	behind := []<-chan struct{}{t.goes(func() { o.Do(func(*State) {}) }), t.goes(func() { o.Do(func(*State) {}) })}
	t.patience(behind[0])
	g.open()
	t.await(queued, "Future returns")
	for _, done := range behind {
		t.await(done, "a Do behind a future whose job panics returns")
	}
	t.expect("the waits for futures end, whether their jobs panic or not")
	first(context.Background())
	if v, err := last(context.Background()); v != 1 || err != nil {
		t.fatal("a future behind one whose job panics has its own value", "want 1, got %d and the error %v", v, err)
	}
	t.fence(o)
	// And on an idle object, where the panic is the last thing to happen.
	t.expect("the wait for a future whose job panics ends")
	o.(Futurer).Future(func(*State) int { panic(thrown) })(context.Background())
	ran := make(chan struct{})
	o.Async(func(*State) { close(ran) })
	t.await(ran, "a job after a panic runs")
}

func goesOnAfterAsync(t *trial) {
	o := t.object()
	o.(PanicPolicy).OnPanic(func(any) {})
	r := newRecord(6)
	t.whileHeld(o, func() {
		for i := range r.want {
			o.Async(func(*State) { panic(thrown) })
			o.Async(r.job(i))
		}
	})
	t.await(r.full, "the jobs between others that panic run")
	t.inOrder(r, "the jobs between others that panic keep their order")
	t.fence(o)
}

// goexitInAsync never has a Do wait while the job is to run: it could be the
// one that runs it (HLP-3).
func goexitInAsync(t *trial) {
	o := t.object()
	for range 5 {
		ran := make(chan struct{})
		t.expect("Async returns")
		o.Async(func(*State) { runtime.Goexit() })
		o.Async(func(*State) { close(ran) })
		t.await(ran, "a job behind one that calls runtime.Goexit runs")
		t.fence(o)
	}
	o.Async(func(*State) { runtime.Goexit() })
	ran := make(chan struct{})
	o.Async(func(*State) { close(ran) })
	t.await(ran, "a job behind one that calls runtime.Goexit runs")
}

func goexitInFuture(t *trial) {
	o := t.object()
	for range 5 {
		wait := o.(Futurer).Future(func(*State) int { runtime.Goexit(); return 1 })
		t.expect("the wait for a future whose job calls runtime.Goexit ends")
		if v, err := wait(context.Background()); err == nil {
			t.fatal("a future whose job calls runtime.Goexit has an error", "it has the value %d and no error", v)
		}
		t.fence(o)
	}
}

func panicPassesHelper(t *trial) {
	o := t.object()
	for range 20 {
		// Queued behind a job that is about to end: a Do that helps meets it.
		o.Async(func(*State) { spin(2000) })
		o.(Futurer).Future(func(*State) int { panic(thrown) })
		t.expect("a Do behind a future whose job panics returns")
		if v := caught(func() { o.Do(func(*State) {}) }); v != nil {
			t.fatal("a Do does not panic with the fault of another job", "it panicked with %v", v)
		}
	}
	g := t.hold(o)
	queued := t.goes(func() { o.(Futurer).Future(func(*State) int { panic(thrown) }) })
	t.patience(queued)
	behind := t.goes(func() {
		if v := caught(func() { o.Do(func(*State) {}) }); v != nil {
			t.fail("a Do does not panic with the fault of another job", "it panicked with %v", v)
		}
	})
	t.patience(behind)
	g.open()
	t.await(behind, "a Do behind a future whose job panics returns")
}
