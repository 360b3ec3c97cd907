package desync_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/go-desync/go-desync/desync"
)

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
