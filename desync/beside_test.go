package desync_test

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/desync"
)

func TestPAR1_BlockedObjectsNeverStopAnother(t *testing.T) {
	// Half the objects have a goroutine more, for a waiting Do, and the race
	// detector allows no more than 8,128 goroutines. It also makes them slow.
	blocked := 10_000
	if watched {
		blocked = 1_000
	}
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		ds := make([]desync.Desync[int], blocked)
		var waiting sync.WaitGroup
		for i := range ds {
			ds[i].Async(func(n *int) { <-gate; *n++ })
			if i%2 == 0 {
				waiting.Go(func() { ds[i].Do(func(n *int) { *n++ }) })
			} else {
				ds[i].Async(func(n *int) { *n++ })
			}
		}
		synctest.Wait()

		var free desync.Desync[int]
		for _, k := range kinds[int]() {
			k.call(&free, func(n *int) { *n++ })
			synctest.Wait()
		}
		if got := free.Sync(func(n *int) int { return *n }); got != len(kinds[int]()) {
			t.Errorf("PAR-1: beside %d blocked objects %d jobs ran; want %d", blocked, got, len(kinds[int]()))
		}
		close(gate)
		waiting.Wait() // or a Sync may be let in before
		for i := range ds {
			if got := ds[i].Sync(func(n *int) int { return *n }); got != 2 {
				t.Fatalf("EXE-2: %d jobs of blocked object %d ran; want 2", got, i)
			}
		}
	})
}

// Two jobs that need each other to be running at the same time.
func TestPAR1_JobsOfDifferentObjectsOverlap(t *testing.T) {
	for _, k := range kinds[int]() {
		synctest.Test(t, func(t *testing.T) {
			var a, b desync.Desync[int]
			toA, toB := make(chan int), make(chan int)
			go k.call(&a, func(*int) { toB <- 1; <-toA })
			go k.call(&b, func(*int) { <-toB; toA <- 1 })
			synctest.Wait() // and when the bubble ends, none may be blocked
		})
	}
}

// Hot objects, whose jobs each queue the next one, let a goroutine run that counts
// its turns, on one processor. A slice of time is some hundred of these jobs; a
// goroutine that does not yield runs for 10 ms, which is more than ten thousand of
// them. The test compares numbers of jobs and turns, not times.
func TestFAIR1_HotObjectsLeaveTheProcessor(t *testing.T) {
	setProcs(t, 1)
	const objects, mostPerTurn = 3, 3_000
	jobs := 30_000
	if watched {
		jobs = 6_000
	}
	work := func(n *int) { // about a microsecond
		for i := range 1_000 {
			*n = *n*31 + i
		}
	}
	modes := map[string]func(d *desync.Desync[int], n int, done func()){
		"a job that queues the next": func(d *desync.Desync[int], n int, done func()) {
			var job func(*int)
			job = func(v *int) {
				work(v)
				if n--; n > 0 {
					d.Async(job)
				} else {
					done()
				}
			}
			d.Async(job)
		},
		"a long queue": func(d *desync.Desync[int], n int, done func()) {
			for range n - 1 {
				d.Async(work)
			}
			d.Async(func(*int) { done() })
		},
		"a long queue and a Do that helps": func(d *desync.Desync[int], n int, done func()) {
			for range n {
				d.Async(work)
			}
			go d.Do(func(*int) { done() })
		},
	}
	for name, begin := range modes {
		t.Run(name, func(t *testing.T) {
			var wg sync.WaitGroup
			wg.Add(objects)
			all := make(chan struct{})
			go func() { wg.Wait(); close(all) }()
			ds := make([]desync.Desync[int], objects)
			for i := range ds {
				begin(&ds[i], jobs, wg.Done)
			}
			turns := 0
			for deadline := time.Now().Add(patience); ; turns++ {
				select {
				case <-all:
				default:
					if time.Now().After(deadline) {
						t.Fatalf("EXE-2: the hot objects did not come to their end in %v", patience)
					}
					runtime.Gosched()
					continue
				}
				break
			}
			if perTurn := objects * jobs / max(turns, 1); perTurn > mostPerTurn {
				t.Errorf("FAIR-1: a goroutine beside %d hot objects had %d turns during %d jobs, one in %d; want one in %d or less",
					objects, turns, objects*jobs, perTurn, mostPerTurn)
			}
		})
	}
}

// In a bubble no time passes while a job runs, so that the clock says nothing. Where
// goroutines are preempted one that gives nothing up goes on for 10 ms, which is some
// hundred thousand of these jobs; elsewhere forever.
func TestFAIR1_AJobThatQueuesItselfInABubbleLeavesTheProcessor(t *testing.T) {
	setProcs(t, 1)
	const most = 40_000
	for _, fails := range []bool{false, true} { // a panic is the handler's
		synctest.Test(t, func(t *testing.T) {
			d := desync.New(0, desync.WithPanicHandler(func(*desync.PanicError) {}))
			var beside atomic.Bool
			jobs := 0
			var job func(*int)
			job = func(*int) {
				if jobs++; jobs == 1 {
					go beside.Store(true)
				}
				if !beside.Load() {
					d.Async(job)
					if fails {
						panic("a boom")
					}
				}
			}
			d.Async(job)
			synctest.Wait()
			limit := most
			if fails {
				limit = 100 // one is as long as many that do not panic
			}
			if jobs > limit {
				t.Errorf("FAIR-1: %d jobs ran (they panic: %v) before a goroutine beside them had a turn; want at most %d", jobs, fails, limit)
			}
		})
	}
}

func TestNST1_AJobMayCallOtherObjectsSynchronously(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, outer := range kinds[int]() {
			for _, inner := range kinds[int]() {
				if !inner.waits {
					continue
				}
				// A chain of objects; each job calls the next object.
				ds := make([]desync.Desync[int], 10)
				var job func(i int) func(*int)
				job = func(i int) func(*int) {
					return func(n *int) {
						if i+1 < len(ds) {
							inner.call(&ds[i+1], job(i+1))
						}
						*n++
					}
				}
				for range 3 {
					outer.call(&ds[0], job(0))
					go inner.call(&ds[5], job(5)) // others beside it
				}
				synctest.Wait()
				for i := range ds {
					want := 3
					if i >= 5 {
						want = 6
					}
					if got := ds[i].Sync(func(n *int) int { return *n }); got != want {
						t.Fatalf("NST-1: with %s and in it %s, %d jobs of object %d ran; want %d", outer.name, inner.name, got, i, want)
					}
				}
			}
		}
	})
}

func TestNST2_JobsQueuedOnTheOwnObjectGoToTheTail(t *testing.T) {
	for _, outer := range kinds[[]string]() {
		for _, inner := range background[[]string]() {
			t.Run(outer.name+", in it "+inner.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					d := desync.New([]string(nil))
					record := func(s string) func(*[]string) {
						return func(log *[]string) { *log = append(*log, s) }
					}
					gate := make(chan struct{})
					d.Async(func(*[]string) { <-gate })
					go outer.call(d, func(log *[]string) {
						inner.call(d, record("inner"))
						*log = append(*log, "outer")
					})
					synctest.Wait()
					d.Async(record("queued before"))
					close(gate)
					synctest.Wait()
					got := d.Sync(func(log *[]string) []string { return *log })
					if want := []string{"outer", "queued before", "inner"}; !slices.Equal(got, want) {
						t.Errorf("NST-2: the jobs ran in the order %q; want %q", got, want)
					}
				})
			})
		}
	}
}
