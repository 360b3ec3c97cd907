package desync_test

import (
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"weak"

	"github.com/go-desync/go-desync/desync"
)

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
