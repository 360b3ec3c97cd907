package desync_test

import (
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

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
