package desync_test

import (
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/desync"
)

// Outside of synctest bubbles, goroutines run the jobs of many objects; see core_crew.go.

// onOneProcessor keeps the members of a crew from running at the same time.
func onOneProcessor(t *testing.T) {
	before := runtime.GOMAXPROCS(1)
	t.Cleanup(func() { runtime.GOMAXPROCS(before) })
}

func TestPAR1_ACrewIsNotHeldUpByJobsThatBlock(t *testing.T) {
	for _, procs := range []int{1, 2, 8} {
		before := runtime.GOMAXPROCS(procs)
		gate := make(chan struct{})
		const blocked = 500
		var begun, ended sync.WaitGroup
		for range blocked {
			begun.Add(1)
			ended.Add(1)
			new(desync.Desync[int]).Async(func(*int) { begun.Done(); <-gate; ended.Done() })
		}
		within(t, "PAR-1: jobs of other objects, beside those that are blocked", begun.Wait)
		within(t, "PAR-1: one more, beside 500 that are blocked", func() {
			done := make(chan struct{})
			new(desync.Desync[int]).Async(func(*int) { close(done) })
			<-done
		})
		close(gate)
		within(t, "the jobs that were blocked", ended.Wait)
		runtime.GOMAXPROCS(before)
	}
}

// A job that ends its goroutine ends that of the objects behind it too.
func TestPAN5_GoexitInAJobLeavesTheOtherObjectsOfItsCrew(t *testing.T) {
	onOneProcessor(t)
	const objects = 100
	var ran sync.WaitGroup
	ran.Add(objects)
	for i := range objects {
		new(desync.Desync[int]).Async(func(*int) {
			ran.Done()
			if i%3 == 0 {
				//desyncvet:ignore goexit that the goroutine ends is what is tested
				runtime.Goexit()
			}
		})
	}
	within(t, "PAN-5: the jobs of objects beside others whose jobs call Goexit", ran.Wait)
}

func TestLBL1_AnObjectHasNothingOfTheOneBeforeOnItsGoroutine(t *testing.T) {
	onOneProcessor(t)
	const objects = 10
	type seen struct {
		goroutine, header string // the header says if it has labels, or a thread of its own
		fault             bool
	}
	saw := make(chan seen, objects)
	for range objects {
		new(desync.Desync[int]).Async(func(*int) {
			var buf [256]byte
			header, _, _ := strings.Cut(string(buf[:runtime.Stack(buf[:], false)]), "\n")
			goroutine, header, _ := strings.Cut(header, "[")
			// Whatever a job changes it should put back. This one does not.
			saw <- seen{goroutine, "[" + header, debug.SetPanicOnFault(true)}
			runtime.LockOSThread()
			pprof.SetGoroutineLabels(bobs)
		})
	}
	goroutines := make(map[string]bool)
	for range objects {
		is := receive(t, saw, "a job")
		if is.header != "[running]:" || is.fault {
			t.Errorf("LBL-1: an object had %+v; want no labels, no locked thread and no SetPanicOnFault", is)
		}
		goroutines[is.goroutine] = true
	}
	if len(goroutines) == objects {
		t.Error("each object had a goroutine of its own, so the test has shown nothing")
	}
}

// busyObjects are objects whose jobs queue the next ones.
type busyObjects struct {
	stop   atomic.Bool
	last   atomic.Int32   // the object that ran a job last
	slices atomic.Int64   // how often it was another than before
	jobs   []atomic.Int64 // of each object
	ended  sync.WaitGroup
}

func beBusy(objects int) *busyObjects {
	b := &busyObjects{jobs: make([]atomic.Int64, objects)}
	b.last.Store(-1)
	b.ended.Add(objects)
	for i := range objects {
		b.next(i, new(desync.Desync[int]))
	}
	return b
}

func (b *busyObjects) next(i int, d *desync.Desync[int]) {
	d.Async(func(*int) {
		for began := time.Now(); time.Since(began) < 15*time.Microsecond; {
		}
		if b.last.Swap(int32(i)) != int32(i) {
			b.slices.Add(1)
		}
		b.jobs[i].Add(1)
		if b.stop.Load() {
			b.ended.Done()
			return
		}
		b.next(i, d)
	})
}

func (b *busyObjects) end(t *testing.T) {
	t.Helper()
	b.stop.Store(true)
	within(t, "the end of the busy objects", b.ended.Wait)
}

// An object that has just become busy does not wait for a round of all that always are.
// If its caller has nothing else to do, it waits for none of them.
func TestPAR1_ANewcomerBesideBusyObjects(t *testing.T) {
	onOneProcessor(t)
	for _, objects := range []int{3, 2000} {
		busy := beBusy(objects)
		defer busy.stop.Store(true)
		within(t, "slices of the busy objects", func() {
			for busy.slices.Load() < int64(objects) {
				runtime.Gosched()
			}
		})
		const calls = 20
		newcomer := new(desync.Desync[int])
		atOnce, most := 0, int64(0)
		for range calls {
			from := busy.slices.Load()
			done := make(chan int64, 1)
			newcomer.Async(func(*int) { done <- busy.slices.Load() - from })
			waited := receive(t, done, "the newcomer's job")
			if waited == 0 {
				atOnce++
			}
			most = max(most, waited)
		}
		busy.end(t)
		if objects == 3 && atOnce < calls/2 {
			t.Errorf("PAR-1: beside %d busy objects %d of %d calls were served at once; want %d at least", objects, atOnce, calls, calls/2)
		}
		// With the race detector a pool forgets what it has. So there are hundreds of crews, and
		// the member that the newcomer's has started may stand behind one of each.
		if objects > 3 && !watched && most > int64(objects/4) {
			t.Errorf("PAR-1: beside %d busy objects a newcomer waited for %d slices; want %d at most", objects, most, objects/4)
		}
	}
}

// Nor does it wait for all that became busy just before.
func TestPAR1_ANewcomerBehindManyThatBecameBusy(t *testing.T) {
	if watched {
		t.Skip("with the race detector a pool forgets what it has, so there are as many crews as objects")
	}
	onOneProcessor(t)
	const objects, calls = 200, 10
	first := 0
	for range calls {
		var ran atomic.Int32
		var all sync.WaitGroup
		for range objects {
			all.Add(1)
			new(desync.Desync[int]).Async(func(*int) { ran.Add(1); all.Done() })
		}
		before := make(chan int32, 1)
		new(desync.Desync[int]).Async(func(*int) { before <- ran.Load() })
		if receive(t, before, "the newcomer's job") < objects/2 {
			first++
		}
		within(t, "the others", all.Wait)
	}
	if first < calls/2 { // this goroutine may be preempted before it waits
		t.Errorf("PAR-1: behind %d objects that became busy %d of %d calls were served first; want %d at least", objects, first, calls, calls/2)
	}
}

// Objects that are always busy take turns.
func TestFAIR1_BusyObjectsTakeTurns(t *testing.T) {
	onOneProcessor(t)
	busy := beBusy(5)
	defer busy.stop.Store(true)
	const jobs = 5000
	within(t, "5,000 jobs of 5 busy objects", func() {
		for n := int64(0); n < jobs; {
			runtime.Gosched()
			n = 0
			for i := range busy.jobs {
				n += busy.jobs[i].Load()
			}
		}
	})
	busy.end(t)
	for i := range busy.jobs {
		if n := busy.jobs[i].Load(); n < jobs/20 {
			t.Errorf("FAIR-1: object %d of 5 had %d of %d jobs; want %d at least", i, n, jobs, jobs/20)
		}
	}
}

// All rounds begin and end with every object idle, where a lost one would show.
func TestEXE2_CrewsLoseNoObject(t *testing.T) {
	const objects, rounds = 100, 200
	ds := make([]desync.Desync[int], objects)
	for _, procs := range []int{1, 2, 8} {
		before := runtime.GOMAXPROCS(procs)
		var producers sync.WaitGroup
		for p := range 4 {
			producers.Go(func() {
				for range rounds {
					var done sync.WaitGroup
					for i := range objects {
						done.Add(1)
						d := &ds[(i*7+p)%objects]
						if i%10 == p {
							d.Do(func(n *int) { *n++; done.Done() })
						} else {
							d.Async(func(n *int) { *n++; done.Done() })
						}
					}
					done.Wait()
				}
			})
		}
		within(t, "EXE-2: jobs of many objects, from several producers", producers.Wait)
		runtime.GOMAXPROCS(before)
	}
	for i := range ds {
		if n := ds[i].Sync(func(n *int) int { return *n }); n != 3*4*rounds {
			t.Errorf("EXE-2: object %d ran %d jobs; want %d", i, n, 3*4*rounds)
		}
	}
}

// A job within a bubble is run by a goroutine of that bubble, also if a member of a crew
// is about to look for work.
func TestSYN3_CrewsStayOutOfBubbles(t *testing.T) {
	onOneProcessor(t)
	d := new(desync.Desync[int])
	for range 100 {
		outside := make(chan struct{})
		new(desync.Desync[int]).Async(func(*int) { close(outside) })
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			done := make(chan struct{})
			d.Async(func(*int) { time.Sleep(time.Hour); close(done) })
			<-done
			if took := time.Since(began); took != time.Hour {
				t.Errorf("SYN-3: an hour took %v", took)
			}
		})
		<-outside
	}
}

// within waits until f returns, or fails.
func within(t *testing.T, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { f(); close(done) }()
	receive(t, done, what)
}
