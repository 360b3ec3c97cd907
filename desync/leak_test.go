package desync_test

import (
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"weak"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

// wantNoMoreGoroutines fails if the number of goroutines does not come back to
// what it was.
func wantNoMoreGoroutines(t *testing.T, before int) {
	t.Helper()
	eventually(t, func() bool { return runtime.NumGoroutine() <= before },
		fmt.Sprintf("LEAK-1: back to %d goroutines", before))
}

// wantNoDrainer fails if goroutines that objects have started do not end. Goroutines
// of earlier tests, which may be about to end, do not count.
func wantNoDrainer(t *testing.T) {
	t.Helper()
	eventually(t, func() bool {
		return !slices.ContainsFunc(stacks(), func(stack string) bool {
			return strings.Contains(stack, "\ncreated by github.com/go-desync/go-desync/desync.")
		})
	}, "LEAK-1: no goroutine of the library left")
}

func TestLEAK1_IdleObjectsOwnNoGoroutine(t *testing.T) {
	objects := scaled(10_000)
	for _, k := range kinds[int]() {
		t.Run(k.name, func(t *testing.T) {
			ds := make([]desync.Desync[int], objects)
			done := make(chan struct{})
			go func() {
				defer close(done)
				for i := range ds {
					k.call(&ds[i], func(n *int) { *n++ })
				}
			}()
			receive(t, done, "the calls")
			wantNoDrainer(t)
			for i := range ds {
				if !ds[i].TryDo(func(n *int) { *n++ }) {
					t.Fatalf("LEAK-1: with no goroutine left, object %d is not idle", i)
				}
			}
			runtime.KeepAlive(ds)
		})
	}
}

func TestLEAK1_AfterBursts(t *testing.T) {
	d := desync.New(0, desync.WithPanicHandler(func(*desync.PanicError) {}))
	all := kinds[int]()
	for burst := range 10 + scaled(200) {
		ended := make(chan struct{})
		go func() { // which ends early if it runs a job that calls Goexit
			defer close(ended)
			for i := range 100 {
				all[(burst+i)%len(all)].call(d, func(*int) {})
			}
			d.Async(func(*int) { panic("boom") })
			if burst%2 == 0 {
				//desyncvet:ignore goexit the burst is meant to end early by this job
				d.Async(func(*int) { runtime.Goexit() })
			}
			all[burst%len(all)].call(d, func(*int) {})
		}()
		receive(t, ended, "the burst")
		wantNoDrainer(t)
	}
}

// A bubble ends only when its goroutines have ended, and panics if they are
// blocked for good.
func TestLEAK1_InABubble(t *testing.T) {
	all := kinds[int]()
	for range 200 {
		synctest.Test(t, func(t *testing.T) {
			ds := make([]desync.Desync[int], 10)
			for i := range 100 {
				all[i%len(all)].call(&ds[i%len(ds)], func(*int) {})
			}
		})
	}
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	return inUse()
}

func inUse() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func TestLEAK2_TheMemoryOfABurstGoesBack(t *testing.T) {
	jobs := scaled(1_000_000)
	most := int64(256 << 10)
	if jobs >= 100_000 { // a burst, of which nothing goes to the pool
		most = 96 << 10
	}
	for name, end := range map[string]func(d *desync.Desync[int]){
		"and a Do":     func(d *desync.Desync[int]) { d.Do(func(*int) {}) },
		"and an Async": func(d *desync.Desync[int]) { done := make(chan int); d.Async(func(*int) { close(done) }); <-done },
		"held": func(d *desync.Desync[int]) {
			// The object does not become idle; the drainer goes on.
			reached := make(chan int)
			d.Async(func(*int) { close(reached); <-t.Context().Done() })
			<-reached
		},
	} {
		t.Run(name, func(t *testing.T) {
			var d desync.Desync[int]
			before := heap()
			gate := make(chan struct{})
			d.Async(func(*int) { <-gate })
			for i := range jobs {
				d.Async(func(n *int) { *n += i })
			}
			if held := heap() - before; held < int64(jobs)*16 {
				t.Fatalf("%d queued jobs take %d bytes; the test measures nothing", jobs, held)
			}
			close(gate)
			end(&d)
			// What pools keep survives one collection; a burst does not go there.
			runtime.GC()
			if kept := inUse() - before; kept > most {
				t.Errorf("LEAK-2: after %d jobs and one collection %d bytes are kept; want at most %d", jobs, kept, most)
			}
			if kept := heap() - before; kept > most {
				t.Errorf("LEAK-2: after %d jobs and two collections %d bytes are kept; want at most %d", jobs, kept, most)
			}
			runtime.KeepAlive(&d)
		})
	}
}

func TestLEAK2_EveryClosureIsCollected(t *testing.T) {
	jobs := scaled(1_000_000)
	var d desync.Desync[int]
	// What a closure refers to is alive no longer than the closure. It has a
	// pointer, so that it is not put together with others in one small object.
	type captured struct{ p *int }
	ps := make([]weak.Pointer[captured], jobs)
	gate := make(chan struct{})
	d.Async(func(*int) { <-gate })
	for i := range ps {
		c := &captured{new(int)}
		ps[i] = weak.Make(c)
		switch {
		case i%1000 == 0:
			d.Future(func(n *int) int { *n++; return *c.p })
		default:
			d.Async(func(n *int) { *n += 1 + *c.p })
		}
	}
	close(gate)
	if got := d.Sync(func(n *int) int { return *n }); got != jobs {
		t.Errorf("EXE-2: %d jobs ran; want %d", got, jobs)
	}
	wantCollected(t, "LEAK-2: closures of jobs that have ended", ps...)
	runtime.KeepAlive(&d)
}

// The job that has ended is in one block with those that wait, and the drainer
// has stopped at the next.
func TestLEAK2_AClosureIsNotKeptWhileOthersWait(t *testing.T) {
	for _, k := range kinds[int]() {
		t.Run(k.name, func(t *testing.T) {
			var d desync.Desync[int]
			first, reached, second := make(chan int), make(chan int), make(chan int)
			running := make(chan struct{})
			d.Async(func(*int) { close(running); <-first })
			receive(t, running, "the first job")
			var ps []weak.Pointer[[64]byte]
			for range 10 {
				c := new([64]byte)
				ps = append(ps, weak.Make(c))
				ended := make(chan struct{})
				go func() {
					defer close(ended)
					k.call(&d, func(n *int) { *n += int(c[0]) })
				}()
				if !k.waits {
					<-ended // it has returned
				}
			}
			eventually(t, func() bool { return d.Pending() == 11 }, "all queued")
			d.Async(func(*int) { close(reached); <-second })
			d.Async(func(*int) {})
			close(first)
			receive(t, reached, "the job behind")
			wantCollected(t, "LEAK-2: closures of jobs that have ended, while others wait", ps...)
			close(second)
			d.Do(func(*int) {})
		})
	}
}

// A future that is kept does not keep the closure of its job.
func TestLEAK2_AFutureDoesNotKeepItsJob(t *testing.T) {
	var d desync.Desync[int]
	submit := func() (*futures.Future[int], weak.Pointer[[64]byte]) {
		c := new([64]byte)
		return d.Future(func(*int) int { return int(c[0]) }), weak.Make(c)
	}
	f, p := submit()
	if _, err := f.Await(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantCollected(t, "LEAK-2: the closure of a future that is kept", p)
	runtime.KeepAlive(f)
}

// An object is collected like any other value, its owned value with it.
func TestLEAK_ObjectsAreCollected(t *testing.T) {
	var ps []weak.Pointer[desync.Desync[int]]
	for range 100 {
		for _, k := range kinds[int]() {
			d := desync.New(0, desync.WithName("to be collected"))
			ps = append(ps, weak.Make(d))
			k.call(d, func(*int) {})
			if !k.waits {
				finished := make(chan struct{})
				d.Async(func(*int) { close(finished) })
				receive(t, finished, "the last job")
			}
		}
	}
	wantCollected(t, "objects that nothing refers to", ps...)
}

// Values in the pools refer to no object, which would otherwise live until the
// collection after the next.
func TestLEAK_ThePoolsKeepNoObject(t *testing.T) {
	const objects = 100
	use := func() (ps []weak.Pointer[desync.Desync[int]]) {
		var ds []*desync.Desync[int]
		gate := make(chan struct{})
		for range objects { // all busy at the same time, each with a queue of its own
			d := desync.New(0)
			d.Async(func(*int) { <-gate })
			ds, ps = append(ds, d), append(ps, weak.Make(d))
		}
		close(gate)
		for _, d := range ds {
			d.Do(func(*int) {})
		}
		return ps
	}
	ps := use()
	wantNoDrainer(t)
	runtime.GC()
	alive := 0
	for _, p := range ps {
		if p.Value() != nil {
			alive++
		}
	}
	if alive > 0 {
		t.Errorf("%d of %d objects outlive the collection after their use", alive, objects)
	}
}

func TestIdleObjectIsSmall(t *testing.T) {
	const most = 48
	for name, sizes := range map[string][2]reflect.Type{
		"int64":     {reflect.TypeFor[int64](), reflect.TypeFor[desync.Desync[int64]]()},
		"string":    {reflect.TypeFor[string](), reflect.TypeFor[desync.Desync[string]]()},
		"[104]byte": {reflect.TypeFor[[104]byte](), reflect.TypeFor[desync.Desync[[104]byte]]()},
	} {
		if own := sizes[1].Size() - sizes[0].Size(); own > most {
			t.Errorf("an object has %d bytes beside its %s; want at most %d", own, name, most)
		}
	}

	// And nothing hangs on to it when it has been used and is idle.
	const objects = 10_000
	before := heap()
	ds := make([]desync.Desync[int64], objects)
	for i := range ds {
		ds[i].Do(func(*int64) {})
		done := make(chan struct{})
		ds[i].Async(func(*int64) { close(done) })
		<-done
		ds[i].Do(func(*int64) {})
	}
	if each := (heap() - before) / objects; each > most+8 {
		t.Errorf("an idle object that has been used takes %d bytes with its int64; want at most %d", each, most+8)
	}
	runtime.KeepAlive(ds)
}
