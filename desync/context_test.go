package desync_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

// A contextCall is a Context variant; call returns when the result is known.
type contextCall[T any] struct {
	name   string
	future bool // the job runs in the background
	call   func(d *desync.Desync[T], ctx context.Context, job func(context.Context, *T) error) error
}

func contextCalls[T any]() []contextCall[T] {
	return []contextCall[T]{
		{"DoContext", false, func(d *desync.Desync[T], ctx context.Context, job func(context.Context, *T) error) error {
			return d.DoContext(ctx, job)
		}},
		{"SyncContext", false, func(d *desync.Desync[T], ctx context.Context, job func(context.Context, *T) error) error {
			_, err := d.SyncContext(ctx, func(ctx context.Context, v *T) (int, error) { return 1, job(ctx, v) })
			return err
		}},
		{"FutureContext", true, func(d *desync.Desync[T], ctx context.Context, job func(context.Context, *T) error) error {
			_, err := d.FutureContext(ctx, func(ctx context.Context, v *T) (int, error) { return 1, job(ctx, v) }).Await(context.Background())
			return err
		}},
	}
}

var errCause = errors.New("the cause")

// endings lists the ways in which a context ends.
var endings = []struct {
	name string
	make func(parent context.Context) (ctx context.Context, end func())
	err  error
}{
	{"canceled", func(parent context.Context) (context.Context, func()) { return context.WithCancel(parent) }, context.Canceled},
	{"canceled with a cause", func(parent context.Context) (context.Context, func()) {
		ctx, cancel := context.WithCancelCause(parent)
		return ctx, func() { cancel(errCause) }
	}, context.Canceled},
	{"a parent canceled with a cause", func(parent context.Context) (context.Context, func()) {
		parent, cancel := context.WithCancelCause(parent)
		ctx, own := context.WithCancel(context.WithValue(parent, new(int), 1))
		return ctx, func() { cancel(errCause); own() }
	}, context.Canceled},
	{"out of time with a cause", func(parent context.Context) (context.Context, func()) {
		const d = time.Hour // of a bubble
		ctx, cancel := context.WithTimeoutCause(parent, d, errCause)
		return ctx, func() { time.Sleep(d); synctest.Wait(); cancel() }
	}, context.DeadlineExceeded},
}

// wantNotRun fails unless err says that a job has not run because of ctx.
func wantNotRun(t *testing.T, what string, err error, ctx context.Context, ctxErr error) {
	t.Helper()
	for _, want := range []error{desync.ErrNotRun, ctxErr, ctx.Err(), context.Cause(ctx)} {
		if !errors.Is(err, want) {
			t.Errorf("CAN-1: %s gave the error %v; want it to match %v", what, err, want)
		}
	}
	if err != nil && !strings.Contains(err.Error(), context.Cause(ctx).Error()) {
		t.Errorf("CAN-1: %s gave the message %q; want it to name the cause %q", what, err, context.Cause(ctx))
	}
}

// mustNotRun is a job that fails the test.
func mustNotRun[T any](t *testing.T, what string) func(context.Context, *T) error {
	return func(context.Context, *T) error {
		t.Errorf("CAN-1: the job of %s ran; want it never to run", what)
		return nil
	}
}

// closedGate returns an object that a job holds until the gate is opened. It is
// called in a bubble.
func closedGate[T any]() (d *desync.Desync[T], gate chan struct{}) {
	d, gate = new(desync.Desync[T]), make(chan struct{})
	d.Async(func(*T) { <-gate })
	synctest.Wait()
	return d, gate
}

func TestCAN1_EndedBeforeTheCall(t *testing.T) {
	for _, c := range contextCalls[int]() {
		for _, e := range endings {
			t.Run(c.name+" "+e.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					ctx, end := e.make(t.Context())
					end()
					idle := new(desync.Desync[int])
					wantNotRun(t, c.name+" on an idle object", c.call(idle, ctx, mustNotRun[int](t, c.name)), ctx, e.err)
					if n := idle.Pending(); n != 0 || !idle.TryDo(func(*int) {}) {
						t.Errorf("CAN-1: after the refusal %d jobs are pending; want an idle object", n)
					}
					busy, gate := closedGate[int]()
					// If it waited for the object, all would be blocked.
					wantNotRun(t, c.name+" on a busy object", c.call(busy, ctx, mustNotRun[int](t, c.name)), ctx, e.err)
					if n := busy.Pending(); n != 1 {
						t.Errorf("CAN-1: after the refusal %d jobs are pending; want the one before", n)
					}
					close(gate)
					synctest.Wait()
				})
			})
		}
	}
}

func TestCAN1_TheCallerLearnsAtOnce(t *testing.T) {
	for _, c := range contextCalls[int]() {
		for _, e := range endings {
			t.Run(c.name+" "+e.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					d, gate := closedGate[int]()
					ctx, end := e.make(t.Context())
					told := make(chan error, 1)
					go func() { told <- c.call(d, ctx, mustNotRun[int](t, c.name)) }()
					synctest.Wait()
					if len(told) != 0 {
						t.Fatalf("%s returned %v before its context had ended", c.name, <-told)
					}
					end()
					synctest.Wait()
					select {
					case err := <-told:
						wantNotRun(t, c.name, err, ctx, e.err)
					default:
						t.Errorf("CAN-1: %s has not told of the end of its context while the object stays busy", c.name)
					}
					close(gate)
					d.Do(func(*int) {})
					if n := d.Pending(); n != 0 {
						t.Errorf("CAN-3: %d jobs are pending after a Do; want none", n)
					}
				})
			})
		}
	}
}

// The job before ends the context and then gives the turn away, which comes to a
// caller that has had no time to see the end.
func TestCAN1_EndedButNotSeenWhenTheTurnComes(t *testing.T) {
	for _, procs := range []int{1, 2} {
		for _, c := range contextCalls[int]() {
			t.Run(fmt.Sprintf("GOMAXPROCS=%d, %s", procs, c.name), func(t *testing.T) {
				setProcs(t, procs)
				for range scaled(2_000) {
					synctest.Test(t, func(t *testing.T) {
						var d desync.Desync[int]
						ctx, cancel := context.WithCancelCause(t.Context())
						gate := make(chan struct{})
						d.Async(func(*int) { <-gate; cancel(errCause) })
						synctest.Wait()
						told := make(chan error, 1)
						go func() { told <- c.call(&d, ctx, mustNotRun[int](t, c.name)) }()
						synctest.Wait()
						d.Async(func(n *int) { *n++ })
						close(gate)
						wantNotRun(t, c.name, <-told, ctx, context.Canceled)
						if got := d.Sync(func(n *int) int { return *n }); got != 1 {
							t.Errorf("CAN-3: %d jobs ran behind the one that did not; want 1", got)
						}
					})
					if t.Failed() {
						return
					}
				}
			})
		}
	}
}

// The end of the context and the turn come at the same time. Either the job runs,
// once, or the error says that it does not.
func TestCAN2_TheTurnRacesTheEnd(t *testing.T) {
	errJob := errors.New("from the job")
	for _, c := range contextCalls[int]() {
		t.Run(c.name, func(t *testing.T) {
			var d desync.Desync[int]
			outcomes := map[bool]int{}
			for round := range scaled(20_000) {
				ctx, cancel := context.WithCancel(context.Background())
				gate, start := make(chan struct{}), make(chan struct{})
				d.Async(func(*int) { <-gate })
				go func() { <-start; spin(round % 7); close(gate) }()
				go func() { <-start; spin(round % 5); cancel() }()
				ran := 0
				told := make(chan error, 1)
				go func() {
					told <- c.call(&d, ctx, func(context.Context, *int) error { ran++; return errJob })
				}()
				if round%2 == 0 {
					eventually(t, func() bool { return d.Pending() > 1 }, "the call is queued")
				}
				close(start)
				err := receive(t, told, "CAN-2: "+c.name)
				seen := d.Sync(func(*int) int { return ran }) // after all that may still run
				if notRun := errors.Is(err, desync.ErrNotRun); notRun != (seen == 0) || seen > 1 || !notRun && err != errJob {
					t.Fatalf("CAN-2: the job ran %d times and the error is %v; want either one run and its error, or ErrNotRun", seen, err)
				}
				outcomes[seen == 1]++
			}
			t.Logf("%d jobs ran, %d did not", outcomes[true], outcomes[false])
		})
	}
}

// spin lets some time pass that differs from round to round.
func spin(n int) {
	for range n {
		runtime.Gosched()
	}
}

func TestCAN2_AStartedJobIsNeverReportedAsNotRun(t *testing.T) {
	errJob := errors.New("from the job")
	for _, c := range contextCalls[int]() {
		for _, busy := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, busy %v", c.name, busy), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					for name, e := range map[string]struct {
						returned func(context.Context) error
						notRun   bool
					}{
						"nothing":           {func(context.Context) error { return nil }, false},
						"an error":          {func(context.Context) error { return errJob }, false},
						"its context's":     {func(ctx context.Context) error { return ctx.Err() }, false},
						"its cause":         {context.Cause, false},
						"ErrNotRun of own":  {func(context.Context) error { return desync.ErrNotRun }, true},
						"ErrNotRun wrapped": {func(context.Context) error { return fmt.Errorf("inner: %w", desync.ErrNotRun) }, true},
					} {
						d, gate := closedGate[int]()
						if !busy {
							close(gate)
							synctest.Wait()
						}
						ctx, cancel := context.WithCancelCause(t.Context())
						told := make(chan error, 1)
						var want error
						go func() {
							told <- c.call(d, ctx, func(ctx context.Context, _ *int) error {
								cancel(errCause)
								synctest.Wait()
								if ctx.Err() == nil {
									t.Errorf("the job's context has not ended with the caller's")
								}
								want = e.returned(ctx)
								return want
							})
						}()
						if busy {
							synctest.Wait()
							close(gate)
						}
						if err := <-told; err != want || errors.Is(err, desync.ErrNotRun) != e.notRun {
							t.Errorf("CAN-2: a job that returned %s gave the caller %v; want %v, matching ErrNotRun: %v", name, err, want, e.notRun)
						}
					}
				})
			})
		}
	}
}

func TestSyncContextResult(t *testing.T) {
	var d desync.Desync[int]
	job := func(context.Context, *int) (string, error) { return "result", errCause }
	if v, err := d.SyncContext(t.Context(), job); v != "result" || err != errCause {
		t.Errorf("SyncContext gave %q, %v; want what the job returned", v, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if v, err := d.SyncContext(ctx, job); v != "" || !errors.Is(err, desync.ErrNotRun) {
		t.Errorf("CAN-1: SyncContext gave %q, %v; want the zero value and ErrNotRun", v, err)
	}
}

// Of all that is queued behind a gate, every second call gives up.
func TestCAN3_NeighboursKeepTheirOrder(t *testing.T) {
	for _, c := range contextCalls[[]string]() {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d, gate := closedGate[[]string]()
				ctx, cancel := context.WithCancel(t.Context())
				var want []string
				told, cancelledCalls := make(chan error, 100), 0
				giveUp := func() {
					cancelledCalls++
					go func() { told <- c.call(d, ctx, mustNotRun[[]string](t, c.name)) }()
					synctest.Wait()
				}
				giveUp()
				for range 3 {
					for _, k := range kinds[[]string]() {
						want = append(want, k.name)
						go k.call(d, func(log *[]string) { *log = append(*log, k.name) })
						synctest.Wait()
						giveUp()
					}
					for _, k := range contextCalls[[]string]() {
						want = append(want, k.name)
						go k.call(d, t.Context(), func(_ context.Context, log *[]string) error {
							*log = append(*log, k.name)
							return nil
						})
						synctest.Wait()
						giveUp()
					}
				}
				cancel()
				for range cancelledCalls {
					if err := <-told; !errors.Is(err, desync.ErrNotRun) {
						t.Errorf("CAN-1: a call that gave up got %v; want ErrNotRun", err)
					}
				}
				close(gate)
				synctest.Wait()
				if n := d.Pending(); n != 0 {
					t.Fatalf("CAN-3: %d jobs are stranded", n)
				}
				if got := d.Sync(func(log *[]string) []string { return *log }); !slices.Equal(got, want) {
					t.Errorf("CAN-3: the neighbours ran as %q; want %q", got, want)
				}
			})
		})
	}
}

// Many callers, of whose calls some give up at any moment: each one's calls that
// run do so in its order, and as many as were not given up.
func TestCAN3_ORD1_UnderTraffic(t *testing.T) {
	const callers = 6
	calls := scaled(6_000)
	var d desync.Desync[int]
	var stamps [callers]int // used in jobs only
	var total atomic.Int64
	finishes(t, "CAN-3: the callers", func() {
		var wg sync.WaitGroup
		for caller := range callers {
			wg.Go(func() {
				var futuresOfCaller []*futures.Future[int]
				for i := range calls {
					job := func(_ context.Context, n *int) error {
						if stamps[caller] > i {
							t.Errorf("ORD-1: call %d of caller %d ran after call %d", i, caller, stamps[caller])
						}
						stamps[caller] = i
						*n++
						return nil
					}
					ctx, cancel := context.WithCancel(context.Background())
					switch (i + caller) % 5 {
					case 0, 1:
						go func() { spin(i % 3); cancel() }()
						if err := d.DoContext(ctx, job); err == nil {
							total.Add(1)
						}
					case 2, 3:
						f := d.FutureContext(ctx, func(ctx context.Context, n *int) (int, error) { return 0, job(ctx, n) })
						go func() { spin(i % 3); cancel() }()
						futuresOfCaller = append(futuresOfCaller, f)
					default:
						d.Async(func(n *int) { job(nil, n) })
						total.Add(1)
						cancel()
					}
				}
				for _, f := range futuresOfCaller {
					if _, err := f.Await(context.Background()); err == nil {
						total.Add(1)
					}
				}
			})
		}
		wg.Wait()
	})
	if got := d.Sync(func(n *int) int { return *n }); int64(got) != total.Load() {
		t.Errorf("CAN-3, EXE-2: %d jobs ran; want the %d that were not given up", got, total.Load())
	}
}

// endsWhenWatched is a context that ends as soon as somebody waits for its end, so
// that one goroutine can make calls that are queued and then give up.
type endsWhenWatched struct {
	context.Context
	end func()
}

func (c endsWhenWatched) Done() <-chan struct{} {
	c.end()
	return c.Context.Done()
}

// giveUp makes a call that is queued behind what holds d and gives up.
func (c contextCall[T]) giveUp(d *desync.Desync[T], job func(context.Context, *T) error) error {
	ctx, cancel := context.WithCancel(context.Background())
	if !c.future {
		return c.call(d, endsWhenWatched{ctx, cancel}, job)
	}
	f := d.FutureContext(ctx, func(ctx context.Context, v *T) (int, error) { return 0, job(ctx, v) })
	cancel()
	_, err := f.Await(context.Background())
	return err
}

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

// On one processor a Do behind a job that nobody has begun helps almost always.
func TestHLP1_ContextCallsDoNotHelp(t *testing.T) {
	setProcs(t, 1)
	for _, c := range contextCalls[int]()[:2] {
		var d desync.Desync[int]
		for range 1_000 {
			var where string
			d.Async(func(*int) { where = goid() })
			d.Future(func(*int) int { return 0 })
			if err := c.call(&d, context.Background(), func(context.Context, *int) error { return nil }); err != nil {
				t.Fatal(err)
			}
			if where == goid() {
				t.Fatalf("HLP-1: a background job ran on the goroutine of %s", c.name)
			}
		}
	}
}

// If the call had begun with the job before its own it could not give up.
func TestHLP1_CAN1_GivesUpBehindAJobThatNobodyHasBegun(t *testing.T) {
	setProcs(t, 1)
	for _, c := range contextCalls[int]() {
		synctest.Test(t, func(t *testing.T) {
			var d desync.Desync[int]
			gate := make(chan struct{})
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Hour, cancel)
			d.Async(func(*int) { <-gate })
			wantNotRun(t, c.name, c.call(&d, ctx, mustNotRun[int](t, c.name)), ctx, context.Canceled)
			close(gate)
		})
	}
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
