package desync_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

// A future that is kept keeps neither the closure of its job nor its context.
func TestLEAK2_AFutureKeepsNothingOfItsCall(t *testing.T) {
	type key struct{}
	var d desync.Desync[int]
	var ps []weak.Pointer[[64]byte]
	submit := func(ctx context.Context) *futures.Future[int] {
		used, value := new([64]byte), new([64]byte)
		ps = append(ps, weak.Make(used), weak.Make(value))
		return d.FutureContext(context.WithValue(ctx, key{}, value), func(context.Context, *int) (int, error) { return int(used[0]), nil })
	}
	ctx, cancel := context.WithCancel(t.Context())
	kept := []*futures.Future[int]{submit(context.Background()), submit(ctx)}
	for _, f := range kept {
		if _, err := f.Await(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	wantCollected(t, "LEAK-2: what the calls of kept futures referred to", ps...)
	cancel()
	runtime.KeepAlive(kept)
}

func TestSYN2_TheJobOfAContextCallRunsOnTheCallersGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, c := range contextCalls[int]()[:2] {
			for _, busy := range []bool{false, true} {
				d, gate := closedGate[int]()
				if busy {
					go func() { synctest.Wait(); close(gate) }()
				} else {
					close(gate)
					synctest.Wait()
				}
				caller := goid()
				c.call(d, t.Context(), func(context.Context, *int) error {
					if where := goid(); where != caller {
						t.Errorf("SYN-2: the job of %s ran on %s; want the caller's, %s", c.name, where, caller)
					}
					return nil
				})
			}
		}
	})
}

func TestFUT2_FutureContextSettlesWhenTheJobHasEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d desync.Desync[int]
		inBody, inDeferred := make(chan struct{}), make(chan struct{})
		ctx, cancel := context.WithCancel(t.Context())
		f := d.FutureContext(ctx, func(context.Context, *int) (string, error) {
			defer func() { <-inDeferred }()
			<-inBody
			return "done", nil
		})
		unsettled := func(where string) {
			t.Helper()
			synctest.Wait()
			if r, ok := f.Try(); ok {
				t.Errorf("FUT-2: the future has settled with %v while the job is in %s", r, where)
			}
		}
		unsettled("its body")
		cancel() // which a job that has started may heed or not
		unsettled("its body, its context ended")
		close(inBody)
		unsettled("a deferred function")
		close(inDeferred)
		for range 2 { // FUT-1
			if v, err := f.Await(t.Context()); v != "done" || err != nil {
				t.Errorf("FUT-1, CAN-2: the future gave %q, %v; want what the job returned", v, err)
			}
		}
	})
}

func TestFUT3_DiscardingAFutureContextCancelsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, gate := closedGate[int]()
		count := func(_ context.Context, n *int) (int, error) { *n++; return *n, nil }
		d.FutureContext(t.Context(), count) // discarded
		f := d.FutureContext(t.Context(), count)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := f.Await(ctx); !errors.Is(err, futures.ErrInterrupted) || errors.Is(err, desync.ErrNotRun) {
			t.Errorf("FUT-3: an Await that gave up returned %v; want ErrInterrupted and not ErrNotRun", err)
		}
		close(gate)
		if v, err := f.Await(t.Context()); v != 2 || err != nil {
			t.Errorf("FUT-3: the future gave %d, %v; want 2 from the second of two jobs that both ran", v, err)
		}
	})
}

func TestPAN1_PAN2_PAN4_PanicsInContextJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, value := range panicValues {
			for _, c := range contextCalls[[]string]() {
				d := desync.New([]string(nil))
				panics := func() {
					var err error
					v := caught(func() {
						err = c.call(d, t.Context(), func(context.Context, *[]string) error { panicking(value); return nil })
					})
					e, failed := errors.AsType[*desync.PanicError](err)
					switch {
					case !c.future && !isPanic(v, value):
						t.Errorf("PAN-1: the caller of %s caught %v; want the panic of %v", c.name, v, value)
					case c.future && (!failed || !isPanic(e.Value, value)):
						t.Errorf("PAN-2: the future failed with %v; want a PanicError of %v", err, value)
					case c.future && !strings.Contains(string(e.Stack), "desync_test.panicking"):
						t.Errorf("PAN-2: the stack does not show the function that panicked:\n%s", e.Stack)
					}
				}
				panics()
				queueBehind(t, d, panics)
			}
		}
	})
}

func TestPAN4_PAN5_GoexitInContextJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, c := range contextCalls[[]string]() {
			d := desync.New([]string(nil))
			exits := func() {
				returned := false
				var err error
				ended := make(chan struct{})
				go func() {
					defer close(ended)
					err = c.call(d, t.Context(), func(context.Context, *[]string) error { runtime.Goexit(); return nil })
					returned = true
				}()
				<-ended
				if returned != c.future || c.future && !errors.Is(err, futures.ErrGoexit) {
					t.Errorf("PAN-5: Goexit in a job of %s: the call returned: %v, with %v; want the end of the caller, or ErrGoexit from a future", c.name, returned, err)
				}
			}
			exits()
			queueBehind(t, d, exits)
		}
	})
}

func TestNilArgumentsOfContextCalls(t *testing.T) {
	var d desync.Desync[int]
	do := func(context.Context, *int) error { return nil }
	get := func(context.Context, *int) (int, error) { return 0, nil }
	for name, calls := range map[string][]func(){
		"DoContext":     {func() { d.DoContext(nil, do) }, func() { d.DoContext(t.Context(), nil) }},
		"SyncContext":   {func() { d.SyncContext(nil, get) }, func() { d.SyncContext[int](t.Context(), nil) }},
		"FutureContext": {func() { d.FutureContext(nil, get) }, func() { d.FutureContext[int](t.Context(), nil) }},
	} {
		for _, call := range calls {
			got := fmt.Sprint(caught(call))
			if want := "desync: " + name + ": "; !strings.HasPrefix(got, want) || !strings.Contains(got, "nil") {
				t.Errorf("%s with a nil argument panicked with %q; want a message that begins with %q and names nil", name, got, want)
			}
		}
	}
	if n := d.Pending(); n != 0 {
		t.Errorf("after the panics %d jobs are pending; want none", n)
	}
}

func TestTheJobsContextIsTheCallers(t *testing.T) {
	type key struct{}
	for _, c := range contextCalls[int]() {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var d desync.Desync[int]
				outer, cancel := context.WithTimeoutCause(context.WithValue(t.Context(), key{}, "value"), time.Hour, errCause)
				defer cancel()
				c.call(&d, outer, func(ctx context.Context, _ *int) error {
					if got := ctx.Value(key{}); got != "value" {
						t.Errorf("the job's context has the value %v; want that of the caller's", got)
					}
					got, ok := ctx.Deadline()
					if want, _ := outer.Deadline(); !ok || !got.Equal(want) {
						t.Errorf("the job's context has the deadline %v; want %v", got, want)
					}
					derived, cancel := context.WithCancel(context.WithValue(ctx, new(int), 1))
					defer cancel()
					for _, stack := range stacks() {
						if strings.Contains(stack, "propagateCancel") {
							t.Errorf("a context derived from the job's took a goroutine:\n%s", stack)
						}
					}
					<-derived.Done()
					if ctx.Err() != context.DeadlineExceeded || context.Cause(derived) != errCause {
						t.Errorf("the contexts ended with %v and the cause %v; want DeadlineExceeded and the caller's", ctx.Err(), context.Cause(derived))
					}
					return nil
				})
			})
		})
	}
}

// All three wait inside bubbles, after the object and the pools were used outside.
func TestSYN3_ContextCallsInBubblesAfterUseOutside(t *testing.T) {
	d := desync.New(0)
	for range scaled(500) {
		useInside := func(t *testing.T) {
			for _, c := range contextCalls[int]() {
				start := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				d.Async(func(*int) { time.Sleep(2 * time.Hour) })
				wantNotRun(t, c.name, c.call(d, ctx, mustNotRun[int](t, c.name)), ctx, context.DeadlineExceeded)
				if took := time.Since(start); took != time.Hour {
					t.Errorf("SYN-3: %s gave up after %v of the bubble's time; want an hour", c.name, took)
				}
				if err := c.call(d, t.Context(), func(context.Context, *int) error { time.Sleep(time.Hour); return nil }); err != nil {
					t.Errorf("SYN-3: %s failed with %v", c.name, err)
				}
				if took := time.Since(start); took != 3*time.Hour {
					t.Errorf("SYN-3: the job of %s ended after %v of the bubble's time; want 3 hours", c.name, took)
				}
				cancel()
				d.Do(func(*int) {})
			}
		}
		for _, c := range contextCalls[int]() {
			d.Async(func(*int) {})
			c.call(d, context.Background(), func(context.Context, *int) error { return nil })
		}
		d.Do(func(*int) {})
		synctest.Test(t, useInside)
		synctest.Test(t, useInside)
	}
}
