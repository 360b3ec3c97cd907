package desync_test

import (
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"weak"

	"github.com/go-desync/go-desync/desync"
)

func TestSYN1_WaitsForNothingHandedOverLater(t *testing.T) {
	for _, k := range direct[[]string]()[:2] {
		t.Run(k.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := desync.New([]string(nil))
				before, after := make(chan struct{}), make(chan struct{})
				d.Async(func(log *[]string) {
					<-before
					*log = append(*log, "before")
				})
				var seen []string
				returned := make(chan struct{})
				go func() {
					defer close(returned)
					k.call(d, func(log *[]string) { seen = slices.Clone(*log) })
				}()
				synctest.Wait()
				d.Async(func(*[]string) { <-after })

				select {
				case <-returned:
					t.Fatal("SYN-1: the call returned before a job handed over earlier has ended")
				default:
				}
				close(before)
				<-returned // if it waits for the later job, all are blocked and the bubble says so
				if !slices.Equal(seen, []string{"before"}) {
					t.Errorf("SYN-1: the job saw the work of %q; want that of the job before it", seen)
				}
				close(after)
			})
		})
	}
}

// The later job is handed over while the Do runs the jobs before its own.
func TestSYN1_AHelpingDoWaitsForNothingHandedOverLater(t *testing.T) {
	helped(t, func(ran func()) {
		var d desync.Desync[int]
		later := make(chan struct{})
		d.Async(func(*int) {
			ran()
			d.Async(func(*int) { <-later })
		})
		d.Do(func(*int) {}) // if it waits for the later job, it waits forever
		close(later)
		d.Do(func(*int) {})
	})
}

func TestSYN2_TheJobRunsOnTheCallersGoroutine(t *testing.T) {
	for _, busy := range []bool{false, true} {
		for _, k := range direct[int]() {
			if busy && strings.HasPrefix(k.name, "Try") {
				continue // a Try on a busy object has no job to run
			}
			t.Run(k.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var d desync.Desync[int]
					// begin makes the next call wait for its turn if busy.
					begin := func() {
						if busy {
							gate := make(chan struct{})
							d.Async(func(*int) { <-gate })
							synctest.Wait()
							go func() { synctest.Wait(); close(gate) }()
						}
					}
					begin()
					var where, stack string
					k.call(&d, func(*int) { where, stack = goid(), string(debug.Stack()) })
					if where != goid() {
						t.Errorf("SYN-2: the job ran on %s; want the caller's, %s", where, goid())
					}
					if !strings.Contains(stack, "TestSYN2_TheJobRunsOnTheCallersGoroutine") {
						t.Errorf("SYN-2: the stack in the job does not show the caller:\n%s", stack)
					}

					begin()
					boom := new(int)
					if v := caught(func() { k.call(&d, func(*int) { panic(boom) }) }); v != any(boom) {
						t.Errorf("SYN-2: the caller caught %v; want what its job panicked with", v)
					}

					begin()
					ended := make(chan bool)
					go func() {
						returned := false
						defer func() { ended <- returned }()
						k.call(&d, func(*int) { runtime.Goexit() })
						returned = true
					}()
					if <-ended {
						t.Error("SYN-2: the call returned after runtime.Goexit in its job; want its goroutine to end")
					}

					if got := d.Sync(func(*int) int { return 7 }); got != 7 {
						t.Errorf("SYN-2: a Sync after these gave %d; want 7", got)
					}
				})
			})
		}
	}
}

func TestASY1_ReturnsHoweverMuchIsQueued(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := scaled(1_000_000)
		d := desync.New(0)
		gate := make(chan struct{})
		d.Async(func(*int) { <-gate })
		wrong := 0
		for i := range n { // if one of them waits, all are blocked and the bubble says so
			d.Async(func(next *int) {
				if *next != i {
					wrong++
				}
				*next = i + 1
			})
		}
		synctest.Wait()
		if got := d.Pending(); got != n+1 {
			t.Errorf("Pending says %d with %d jobs queued and one running", got, n)
		}
		close(gate)
		if got := d.Sync(func(next *int) int { return *next }); got != n || wrong != 0 {
			t.Errorf("ASY-1: the last of %d jobs left %d, and %d were out of order", n, got, wrong)
		}
	})
}

// The mutex is a channel, so that the bubble sees when its holder waits for it.
func TestASY2_TheJobMayNeedAMutexThatTheCallerHolds(t *testing.T) {
	for _, k := range background[int]() {
		t.Run(k.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var d desync.Desync[int]
				mutex := make(chan struct{}, 1)
				job := func(n *int) {
					mutex <- struct{}{}
					*n++
					<-mutex
				}
				states := map[string]func(func(*int)){
					"an idle object":    func(f func(*int)) { f(nil) },
					"a Do of the same":  d.Do,
					"an Async of it":    d.Async,
					"behind other jobs": func(f func(*int)) { d.Async(func(*int) {}); d.Async(func(*int) {}); f(nil) },
				}
				for _, in := range states {
					in(func(*int) {
						mutex <- struct{}{}
						k.call(&d, job)
						<-mutex
					})
					synctest.Wait()
				}
				if got := d.Sync(func(n *int) int { return *n }); got != len(states) {
					t.Errorf("ASY-2: %d jobs ran; want %d", got, len(states))
				}
			})
		})
	}
}

func TestHLP1_AHelpingDoRunsTheJobsBeforeItsOwnInOrder(t *testing.T) {
	helped(t, func(ran func()) {
		d := desync.New([]int(nil))
		const n = 100
		for i := range n {
			d.Async(func(log *[]int) {
				ran()
				*log = append(*log, i)
			})
		}
		d.Do(func(log *[]int) { *log = append(*log, n) })
		wantCounting(t, "HLP-1", d.Sync(func(log *[]int) []int { return *log }), n+1)
	})
}

func TestHLP2_APanicNeverReachesTheHelpingCaller(t *testing.T) {
	helped(t, func(ran func()) {
		told := make(chan *desync.PanicError, 2)
		d := desync.New([]string(nil), desync.WithPanicHandler(func(e *desync.PanicError) { told <- e }))
		job := func(log *[]string) string {
			ran()
			*log = append(*log, "job")
			panic("boom")
		}
		d.Async(func(log *[]string) { job(log) })
		f := d.Future(job)
		d.Async(func(log *[]string) { job(log) })
		own := false
		if v := caught(func() { d.Do(func(*[]string) { own = true }) }); v != nil {
			t.Fatalf("HLP-2: the Do panicked with %v of a job queued before its own", v)
		}
		if !own {
			t.Error("HLP-2: the Do's own job did not run")
		}
		for range 2 {
			if e := receive(t, told, "the call of the handler"); e.Value != "boom" {
				t.Errorf("HLP-2, PAN-3: the handler was told of %v; want boom", e.Value)
			}
		}
		wantPanicError(t, f, "boom")
		if log := d.Sync(func(log *[]string) []string { return *log }); len(log) != 3 {
			t.Errorf("HLP-2: the jobs that ran are %q; want all three", log)
		}
	})
}

func TestHLP3_GoexitInAHelpedJobEndsTheCaller(t *testing.T) {
	for _, k := range background[[]string]() {
		t.Run(k.name, func(t *testing.T) {
			setProcs(t, 1)
			shown := false
			for range 1000 {
				d := desync.New([]string(nil))
				var caller, job string
				returned := false
				ended := make(chan struct{})
				go func() {
					defer close(ended)
					caller = goid()
					k.call(d, func(*[]string) {
						job = goid()
						runtime.Goexit()
					})
					d.Async(func(log *[]string) { *log = append(*log, "neighbour") })
					d.Do(func(log *[]string) { *log = append(*log, "own") })
					returned = true
				}()
				receive(t, ended, "the caller's end")
				log := d.Sync(func(log *[]string) []string { return *log })
				want := []string{"neighbour", "own"}
				if job == caller {
					shown = true
					want = want[:1]
				}
				if !slices.Equal(log, want) || returned == (job == caller) {
					t.Fatalf("HLP-3: with the job on %s, the caller on %s, these ran: %q, want %q; the Do returned: %v",
						job, caller, log, want, returned)
				}
			}
			if !shown {
				t.Fatal("no Do ran the job queued before its own; the test has shown nothing")
			}
		})
	}
}

func TestTRY1_ARefusedTryHasNoEffect(t *testing.T) {
	never := func(*int) { t.Error("TRY-1: the job of a refused Try ran") }
	refused := func(t *testing.T, d *desync.Desync[int], when string) {
		t.Helper()
		before := d.Pending()
		for range 100 {
			if d.TryDo(never) {
				t.Errorf("TRY-1: TryDo was accepted %s", when)
			}
			if v, ok := d.TrySync(func(*int) int { never(nil); return 1 }); ok || v != 0 {
				t.Errorf("TRY-1: TrySync gave %d, %v %s; want 0, false", v, ok, when)
			}
		}
		if got := d.Pending(); got != before {
			t.Errorf("TRY-1: %d jobs are pending %s; want %d as before the refused Try", got, when, before)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		for _, holder := range kinds[int]() {
			d := desync.New(0)
			gate := make(chan struct{})
			go holder.call(d, func(n *int) {
				refused(t, d, "in a job of "+holder.name)
				<-gate
				*n++
			})
			synctest.Wait()
			refused(t, d, "beside a job of "+holder.name)
			for _, next := range kinds[int]() {
				go next.call(d, func(n *int) { *n++ })
				synctest.Wait()
				refused(t, d, "behind a queued "+next.name)
			}
			close(gate)
			synctest.Wait()
			if got, want := d.Sync(func(n *int) int { return *n }), 1+len(kinds[int]()); got != want {
				t.Errorf("TRY-1: %d jobs ran around refused Tries; want %d", got, want)
			}
			if !d.TryDo(func(*int) {}) {
				t.Error("TRY-2: a Try was refused on an idle object")
			}
		}
	})
}

// The Try meets jobs that nobody has started yet, if there is one processor.
func TestTRY1_RefusedBehindJobsThatNobodyHasStarted(t *testing.T) {
	setProcs(t, 1)
	d := desync.New(0)
	for i := range 1000 {
		var accepted, started bool
		d.Async(func(*int) { started = true })
		accepted = d.TryDo(func(*int) {
			if !started {
				t.Error("ORD-3: a TryDo overtook a queued job")
			}
		})
		if d.Do(func(*int) {}); !started {
			t.Fatalf("EXE-2: the job of round %d did not run; the Try beside it was accepted: %v", i, accepted)
		}
	}
}

func TestTRY1_ARefusedClosureIsCollected(t *testing.T) {
	var d desync.Desync[int]
	var ps []weak.Pointer[[64]byte]
	d.Do(func(*int) {
		for range 100 {
			big := new([64]byte)
			ps = append(ps, weak.Make(big))
			if d.TryDo(func(*int) { big[0]++ }) {
				t.Fatal("TRY-1: a TryDo was accepted in a job of the same object")
			}
			d.TrySync(func(*int) byte { return big[0] })
		}
		wantCollected(t, "TRY-1: closures of refused Tries", ps...)
	})
	runtime.KeepAlive(&d)
}

func TestTRY2_StraightAfterAReturnedDo(t *testing.T) {
	for _, procs := range []int{1, 2} {
		setProcs(t, procs)
		for _, before := range kinds[int]() {
			for _, k := range kinds[int]() {
				if !k.waits {
					continue
				}
				var d desync.Desync[int]
				for i := range scaled(20_000) {
					before.call(&d, func(*int) {})
					if i%2 == 0 {
						d.Async(func(*int) {})
					}
					k.call(&d, func(*int) {})
					if !d.TryDo(func(*int) {}) {
						t.Fatalf("TRY-2: TryDo was refused straight after %s and %s, in round %d", before.name, k.name, i)
					}
					if _, ok := d.TrySync(func(*int) int { return 0 }); !ok {
						t.Fatalf("TRY-2: TrySync was refused straight after a TryDo, in round %d", i)
					}
				}
			}
		}
	}
}

// Try and Do of several goroutines: what is accepted does not overlap, and what
// is refused does not leave the object wedged.
func TestTRY1_EXC1_AmongOtherCalls(t *testing.T) {
	var d desync.Desync[int]
	n := scaled(50_000)
	accepted := make([]int, 3)
	var wg sync.WaitGroup
	for g := range accepted {
		wg.Go(func() {
			for i := range n {
				if d.TryDo(func(count *int) { *count++ }) {
					accepted[g]++
				}
				if i%16 == 0 {
					d.Async(func(count *int) { *count++ })
					accepted[g]++
				}
			}
		})
	}
	wg.Wait()
	want := accepted[0] + accepted[1] + accepted[2]
	if got := d.Sync(func(count *int) int { return *count }); got != want {
		t.Errorf("TRY-1: %d jobs ran; want %d, as many as were accepted", got, want)
	}
}

func TestPending(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d desync.Desync[int]
		want := func(n int, when string) {
			t.Helper()
			synctest.Wait()
			if got := d.Pending(); got != n {
				t.Errorf("Pending says %d %s; want %d", got, when, n)
			}
		}
		want(0, "of a new object")
		gate := make(chan struct{})
		d.Async(func(*int) { <-gate })
		want(1, "with a job that runs")
		for i, k := range kinds[int]() {
			go k.call(&d, func(*int) {})
			want(i+2, "with a "+k.name+" queued behind it")
		}
		close(gate)
		want(0, "after all have ended")
		d.Do(func(*int) { want(1, "in a Do") })
		want(0, "after a Do")
	})
}

// The Do that helps has been accepted and has not ended.
func TestPendingCountsAHelpingDo(t *testing.T) {
	helped(t, func(ran func()) {
		var d desync.Desync[int]
		caller, pending := goid(), 0
		d.Async(func(*int) {
			ran()
			if goid() == caller {
				pending = d.Pending()
			} else {
				pending = 2
			}
		})
		d.Do(func(*int) {})
		if pending != 2 {
			t.Errorf("Pending says %d in a job that a Do runs before its own; want 2", pending)
		}
	})
}
