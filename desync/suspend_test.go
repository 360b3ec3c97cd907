package desync_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
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
