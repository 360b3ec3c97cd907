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

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

// The future settles before the call, before the place is reached, and after, with
// a value and with an error.
func TestORD3_EXC1_AfterHoldsItsPlace(t *testing.T) {
	moments := []string{"before the call", "before the place is reached", "after the place is reached"}
	for _, moment := range moments {
		for _, fail := range []error{nil, errBoom} {
			t.Run(fmt.Sprint("settled ", moment, ", with ", fail), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					d, gate := closedGate[[]string]()
					var p futures.Promise[int]
					settle := func(at string) {
						if at != moment {
							return
						}
						if fail != nil {
							p.Reject(fail)
						} else {
							p.Resolve(7)
						}
					}
					want := queueEach(d, "before")
					settle(moments[0])
					f := d.After(p.Future(), func(log *[]string, v int, err error) string {
						logged("after")(log)
						return fmt.Sprint(v, " ", err)
					})
					want = append(want, "after")
					want = append(want, queueEach(d, "behind")...)
					settle(moments[1])
					synctest.Wait()
					close(gate)
					synctest.Wait()
					if moment == moments[2] {
						if n, behind := d.Pending(), 1+len(want)/2; n != behind {
							t.Errorf("EXC-1: %d jobs are pending while the future is; want the After and those behind it, %d", n, behind)
						}
						if d.TryDo(logged("try")) {
							t.Error("TRY-1: a TryDo was accepted while an After holds the object")
						}
						if r, ok := f.Try(); ok {
							t.Errorf("FUT-2: the future of the After has settled with %v before its source", r)
						}
					}
					settle(moments[2])
					if v, err := f.Await(t.Context()); v != map[bool]string{true: "7 <nil>", false: "0 boom"}[fail == nil] || err != nil {
						t.Errorf("the job of After got %q, and its future the error %v; want the source's value or error", v, err)
					}
					synctest.Wait()
					wantLog(t, "ORD-3", d, want...)
				})
			})
		}
	}
}

func TestAfterOnAnIdleObject(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d desync.Desync[[]string]
		var p futures.Promise[int]
		f := d.After(p.Future(), func(log *[]string, v int, _ error) int { logged("after")(log); return v + 1 })
		synctest.Wait()
		if n := d.Pending(); n != 1 {
			t.Errorf("%d jobs are pending; want the After", n)
		}
		d.Async(logged("behind"))
		p.Resolve(1)
		if v, err := f.Await(t.Context()); v != 2 || err != nil {
			t.Errorf("the future of the After gave %d, %v; want 2", v, err)
		}
		synctest.Wait()
		wantLog(t, "ORD-3", &d, "after", "behind")
		if n := d.Pending(); n != 0 || !d.TryDo(func(*[]string) {}) {
			t.Errorf("LEAK-1: %d jobs are pending at the end; want an idle object", n)
		}
	})
}

// The Do comes after the place, whether a goroutine of the object or a helping Do
// reaches it.
func TestHLP1_ORD3_ADoWaitsBehindAnAfter(t *testing.T) {
	for _, procs := range []int{1, 2} {
		setProcs(t, procs)
		for round := range scaled(5_000) {
			d := new(desync.Desync[[]string])
			var p futures.Promise[int]
			if round%2 == 0 {
				d.Async(logged("async"))
			} else {
				d.Async(func(log *[]string) { logged("async")(log); runtime.Gosched() })
			}
			d.After(p.Future(), func(log *[]string, _ int, _ error) int { logged("after")(log); return 0 })
			settled := make(chan struct{})
			go func() {
				spin(round % 5)
				close(settled)
				p.Resolve(1)
			}()
			d.Do(func(log *[]string) {
				select {
				case <-settled:
				default:
					t.Error("EXC-1: a Do ran while the future of an After before it is pending")
				}
				logged("do")(log)
			})
			wantLog(t, "HLP-1, ORD-3", d, "async", "after", "do")
			if t.Failed() {
				return
			}
		}
	}
}

func TestPAN2_PAN4_PAN5_PanicsInAfterJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, late := range []bool{false, true} {
			for _, value := range append(panicValues, any(futures.ErrGoexit)) {
				d := new(desync.Desync[[]string])
				ill := func() {
					var p futures.Promise[int]
					if !late {
						p.Resolve(1)
					}
					f := d.After(p.Future(), func(*[]string, int, error) int {
						if value == any(futures.ErrGoexit) {
							runtime.Goexit()
						}
						panicking(value)
						return 0
					})
					time.AfterFunc(time.Hour, func() { p.Resolve(1) }) // when the place was reached
					_, err := f.Await(t.Context())
					if value == any(futures.ErrGoexit) {
						if !errors.Is(err, futures.ErrGoexit) {
							t.Errorf("PAN-5: the future of an After failed with %v; want ErrGoexit", err)
						}
						return
					}
					e, ok := errors.AsType[*desync.PanicError](err)
					if !ok || !isPanic(e.Value, value) || !strings.Contains(string(e.Stack), "desync_test.panicking") {
						t.Errorf("PAN-2: the future of an After failed with %v; want a PanicError of %v, with its stack", err, value)
					}
				}
				ill()
				if late {
					d.Async(logged("first"))
					ill()
					wantLog(t, "PAN-4", d, "first")
				} else {
					queueBehind(t, d, ill)
				}
				d.Do(func(*[]string) {})
			}
		}
	})
}

func TestAfterParksNoGoroutine(t *testing.T) {
	const objects = 1_000
	ds := make([]desync.Desync[int], objects)
	var p futures.Promise[int]
	before := runtime.NumGoroutine()
	var fs []*futures.Future[int]
	for i := range ds {
		fs = append(fs, ds[i].After(p.Future(), func(n *int, v int, _ error) int { *n = v; return v }))
		ds[i].Async(func(n *int) { *n++ })
	}
	wantNoMoreGoroutines(t, before)
	p.Resolve(5)
	for i, f := range fs {
		if v, err := f.Await(t.Context()); v != 5 || err != nil {
			t.Fatalf("the future of After %d gave %d, %v; want 5", i, v, err)
		}
		if got := ds[i].Sync(func(n *int) int { return *n }); got != 6 {
			t.Fatalf("EXE-2: object %d has %d; want 6, of the After and the job behind it", i, got)
		}
	}
	wantNoMoreGoroutines(t, before)
}

// Each job of one object waits, in its place, for one of the other.
func TestAfterInAChainOfTwoObjects(t *testing.T) {
	links := scaled(20_000)
	finishes(t, "the chain", func() {
		var ds [2]desync.Desync[int]
		var p futures.Promise[int]
		f := p.Future()
		for i := range links {
			f = ds[i%2].After(f, func(n *int, v int, err error) int {
				*n++
				if v != i || err != nil {
					t.Errorf("link %d got %d, %v; want %d", i, v, err, i)
				}
				return v + 1
			})
		}
		p.Resolve(0)
		if v, err := f.Await(context.Background()); v != links || err != nil {
			t.Errorf("the end of the chain gave %d, %v; want %d", v, err, links)
		}
		if a, b := ds[0].Sync(func(n *int) int { return *n }), ds[1].Sync(func(n *int) int { return *n }); a+b != links {
			t.Errorf("EXE-2: %d and %d jobs ran; want %d together", a, b, links)
		}
	})
}

func TestAfterAFutureContextThatGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, gate := closedGate[int]()
		var b desync.Desync[int]
		ctx, cancel := context.WithCancel(t.Context())
		f := b.After(a.FutureContext(ctx, func(context.Context, *int) (int, error) { return 1, nil }),
			func(_ *int, _ int, err error) error { return err })
		synctest.Wait()
		cancel()
		if err, _ := f.Await(t.Context()); !errors.Is(err, desync.ErrNotRun) {
			t.Errorf("the job of After got %v; want the ErrNotRun of its source", err)
		}
		close(gate)
	})
}

func TestNilArgumentsOfAfter(t *testing.T) {
	var d desync.Desync[int]
	for _, call := range []func(){
		func() { d.After(nil, func(*int, int, error) int { return 0 }) },
		func() { d.After[int, int](futures.Resolved(1), nil) },
	} {
		if got := fmt.Sprint(caught(call)); !strings.HasPrefix(got, "desync: After: ") || !strings.Contains(got, "nil") {
			t.Errorf("After with a nil argument panicked with %q; want a message that names After and nil", got)
		}
	}
}
