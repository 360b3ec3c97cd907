package desync_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

// logged returns a job that writes name into the log that its object owns.
func logged(name string) func(*[]string) {
	return func(log *[]string) { *log = append(*log, name) }
}

// wantLog fails unless the jobs of d ran in this order.
func wantLog(t *testing.T, rule string, d *desync.Desync[[]string], want ...string) {
	t.Helper()
	if got := d.Sync(func(log *[]string) []string { return slices.Clone(*log) }); !slices.Equal(got, want) {
		t.Errorf("%s: the jobs ran as %q; want %q", rule, got, want)
	}
}

// queueEach queues a job of every kind, and returns their names.
func queueEach(d *desync.Desync[[]string], place string) (names []string) {
	for _, k := range kinds[[]string]() {
		name := place + " " + k.name
		names = append(names, name)
		go k.call(d, logged(name))
		synctest.Wait()
	}
	for _, c := range contextCalls[[]string]() {
		name := place + " " + c.name
		names = append(names, name)
		go c.call(d, context.Background(), func(_ context.Context, log *[]string) error {
			logged(name)(log)
			return nil
		})
		synctest.Wait()
	}
	return names
}

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

// Resume is called before the place is reached, while the object is held, and more
// than once.
func TestORD3_EXC1_SuspendHoldsTheObject(t *testing.T) {
	for _, early := range []bool{false, true} {
		for _, busy := range []bool{false, true} {
			for _, times := range []int{1, 3} {
				t.Run(fmt.Sprintf("resumed early %v, busy %v, %d times", early, busy, times), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						d, gate := closedGate[[]string]()
						var want []string
						if busy {
							want = queueEach(d, "before")
						} else {
							close(gate)
							d.Do(func(*[]string) {})
						}
						resume := d.Suspend()
						resumeAll := func() {
							for range times {
								resume()
							}
						}
						behind := len(kinds[[]string]()) + len(contextCalls[[]string]())
						if early {
							resumeAll()
						}
						want = append(want, queueEach(d, "behind")...)
						if busy {
							close(gate)
							synctest.Wait()
						}
						if !early {
							wantPending(t, d, 1+behind)
							if d.TryDo(logged("try")) {
								t.Error("TRY-1: a TryDo was accepted while the object is suspended")
							}
							resumeAll()
						}
						synctest.Wait()
						wantPending(t, d, 0)
						resumeAll() // on an object that goes on without it
						wantLog(t, "ORD-3", d, want...)
						second := d.Suspend()
						resumeAll() // which is for the first
						wantPending(t, d, 1)
						second()
						wantPending(t, d, 0)
					})
				})
			}
		}
	}
}

func wantPending[T any](t *testing.T, d *desync.Desync[T], want int) {
	t.Helper()
	if n := d.Pending(); n != want {
		t.Errorf("%d jobs are pending; want %d", n, want)
	}
}

func TestEXC1_ResumeInAJobOfTheObject(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d desync.Desync[[]string]
		for _, k := range kinds[[]string]() {
			d.Do(func(log *[]string) { *log = nil })
			gate := make(chan struct{})
			go k.call(&d, func(log *[]string) {
				resume := d.Suspend()
				d.Async(logged("behind"))
				logged("job")(log)
				<-gate
				resume()
			})
			synctest.Wait()
			close(gate)
			synctest.Wait()
			wantLog(t, "ORD-3", &d, "job", "behind")
		}
	})
}

// If resume is called many times at once, one call counts, wherever the queue
// stands then.
func TestEXC1_ResumeFromManyGoroutines(t *testing.T) {
	const resumers = 4
	var d desync.Desync[int]
	rounds := scaled(5_000)
	inside := 0
	job := func(n *int) {
		if inside++; inside != 1 {
			t.Error("EXC-1: two jobs run at the same time")
		}
		*n++
		inside--
	}
	finishes(t, "the rounds", func() {
		for round := range rounds {
			var wg sync.WaitGroup
			d.Async(job)
			resume := d.Suspend()
			d.Async(job)
			wg.Go(func() { d.Do(job) })
			for i := range resumers {
				wg.Go(func() { spin((round + i) % 4); resume() })
			}
			wg.Wait()
		}
	})
	if got := d.Sync(func(n *int) int { return *n }); got != 3*rounds {
		t.Errorf("EXE-2: %d jobs ran; want %d", got, 3*rounds)
	}
	if n := d.Pending(); n != 0 || !d.TryDo(func(*int) {}) {
		t.Errorf("after all resumes %d jobs are pending; want an idle object", n)
	}
}

// What is written before resume is seen by the next job; the race detector says so.
func TestMEM2_ResumeIsBeforeTheNextJob(t *testing.T) {
	for _, early := range []bool{false, true} {
		var d desync.Desync[int]
		gate := make(chan struct{})
		if early {
			d.Async(func(*int) { <-gate })
		}
		written := 0
		resume := d.Suspend()
		f := d.Future(func(*int) int { return written })
		go func() {
			written = 1
			resume()
			close(gate)
		}()
		if v, err := f.Await(t.Context()); v != 1 || err != nil {
			t.Errorf("MEM-2: the job behind a Suspend saw %d, %v; want what was written before resume", v, err)
		}
	}
}

func TestSuspendParksNoGoroutine(t *testing.T) {
	before := runtime.NumGoroutine()
	ds := make([]desync.Desync[int], 1_000)
	var resumes []func()
	for i := range ds {
		ds[i].Async(func(*int) {})
		resumes = append(resumes, ds[i].Suspend())
		ds[i].Async(func(n *int) { *n++ })
	}
	wantNoMoreGoroutines(t, before)
	for _, resume := range resumes {
		resume()
	}
	for i := range ds {
		if got := ds[i].Sync(func(n *int) int { return *n }); got != 1 {
			t.Fatalf("EXE-2: %d jobs ran behind the Suspend of object %d; want 1", got, i)
		}
	}
	wantNoMoreGoroutines(t, before)
}

func TestSYN3_AfterAndSuspendInBubblesAfterUseOutside(t *testing.T) {
	var d desync.Desync[int]
	use := func(wait func()) (v int) {
		var p futures.Promise[int]
		d.Async(func(*int) {})
		f := d.After(p.Future(), func(n *int, v int, _ error) int { *n++; return v })
		go func() { wait(); p.Resolve(3) }()
		v, _ = f.Await(context.Background())
		resume := d.Suspend()
		go func() { wait(); resume() }()
		d.Do(func(n *int) { *n++ })
		return v
	}
	for range scaled(1_000) {
		use(func() {})
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			if v := use(func() { time.Sleep(time.Hour) }); v != 3 {
				t.Errorf("SYN-3: the After gave %d; want 3", v)
			}
			if took := time.Since(start); took != 2*time.Hour {
				t.Errorf("SYN-3: an After and a Suspend took %v of the bubble's time; want 2 hours", took)
			}
		})
	}
}
