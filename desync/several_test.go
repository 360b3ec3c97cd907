package desync_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/desync"
)

// A severalCall holds the objects at once, and its job runs on the caller's goroutine.
type severalCall struct {
	name string
	call func(ds []*desync.Desync[int], job func(data []*int))
}

// severalCalls are the calls for two objects.
var severalCalls = []severalCall{
	{"Sync2", func(ds []*desync.Desync[int], job func([]*int)) {
		desync.Sync2(ds[0], ds[1], func(a, b *int) int { job([]*int{a, b}); return 0 })
	}},
	{"DoAll", desync.DoAll[*desync.Desync[int]]},
	{"Sync3", func(ds []*desync.Desync[int], job func([]*int)) {
		desync.Sync3(ds[0], desync.New("between"), ds[1], func(a *int, _ *string, b *int) int { job([]*int{a, b}); return 0 })
	}},
	{"Sync2Context", func(ds []*desync.Desync[int], job func([]*int)) {
		desync.Sync2Context(context.Background(), ds[0], ds[1], func(_ context.Context, a, b *int) (int, error) {
			job([]*int{a, b})
			return 0, nil
		})
	}},
	{"DoAllContext", func(ds []*desync.Desync[int], job func([]*int)) {
		desync.DoAllContext(context.Background(), ds, func(_ context.Context, data []*int) error { job(data); return nil })
	}},
}

func TestSync2AndDoAllGiveTheDataInOrder(t *testing.T) {
	a, b, s := desync.New(1), desync.New(2), desync.New("three")
	if got := desync.Sync2(s, a, func(s *string, a *int) string { return fmt.Sprint(*s, *a) }); got != "three1" {
		t.Errorf("the job of Sync2 gave %q; want the data of both, and of the right types", got)
	}
	desync.DoAll([]*desync.Desync[int]{b, a, newInt()}, func(data []*int) {
		if len(data) != 3 || *data[0] != 2 || *data[1] != 1 || *data[2] != 0 {
			t.Errorf("the job of DoAll got %v; want pointers to 2, 1, 0", data)
		}
		*data[0], *data[1] = *data[1], *data[0]
	})
	if got := desync.Sync2(a, b, func(a, b *int) [2]int { return [2]int{*a, *b} }); got != [2]int{2, 1} {
		t.Errorf("after a swap the objects own %v; want 2 and 1", got)
	}
}

// newInt returns an object with a zero.
func newInt() *desync.Desync[int] { return new(desync.Desync[int]) }

func TestDoAllOfNoObjectRunsTheJob(t *testing.T) {
	ran := 0
	desync.DoAll([]*desync.Desync[int](nil), func(data []*int) { ran++ })
	desync.DoAll([]*desync.Desync[int]{}, func(data []*int) { ran += 1 + len(data) })
	if ran != 2 {
		t.Errorf("two DoAlls of no object ran their jobs %d times; want twice", ran)
	}
	if v := caught(func() { desync.DoAll([]*desync.Desync[int](nil), func([]*int) { panicking("boom") }) }); v != "boom" {
		t.Errorf("PAN-1: the caller of a DoAll of no object caught %v; want boom", v)
	}
}

func TestSeveralObjectsPanicOnMisuse(t *testing.T) {
	a, b, c := desync.New(0, desync.WithName("the twice named")), desync.New(0), desync.New(0)
	job := func(*int, *int) int { t.Error("the job ran"); return 0 }
	jobAll := func([]*int) { t.Error("the job ran") }
	for name, misuse := range map[string]struct {
		call func()
		says []string
	}{
		"Sync2 of a nil first object":  {func() { desync.Sync2((*desync.Desync[int])(nil), b, job) }, []string{"desync: Sync2: ", "nil"}},
		"Sync2 of a nil second object": {func() { desync.Sync2(b, (*desync.Desync[int])(nil), job) }, []string{"desync: Sync2: ", "nil"}},
		"Sync2 of a nil job":           {func() { desync.Sync2(a, b, (func(a, b *int) int)(nil)) }, []string{"desync: Sync2: ", "nil"}},
		"DoAll of a nil object":        {func() { desync.DoAll([]*desync.Desync[int]{a, nil}, jobAll) }, []string{"desync: DoAll: ", "object 1 is nil"}},
		"DoAll of a nil job":           {func() { desync.DoAll([]*desync.Desync[int]{a, b}, nil) }, []string{"desync: DoAll: ", "nil"}},
		"Sync2 of one object twice":    {func() { desync.Sync2(a, a, job) }, []string{"desync: Sync2: ", "objects 0 and 1", "the twice named"}},
		"DoAll of one object twice": {
			func() { desync.DoAll([]*desync.Desync[int]{b, a, c, a}, jobAll) },
			[]string{"desync: DoAll: ", "objects 1 and 3", "the twice named"},
		},
		"DoAll of one without a name": {
			func() { desync.DoAll([]*desync.Desync[int]{c, a, c}, jobAll) },
			[]string{"desync: DoAll: ", "objects 0 and 2", fmt.Sprintf("%p", c)},
		},
	} {
		got := fmt.Sprint(caught(misuse.call))
		for _, want := range misuse.says {
			if !strings.Contains(got, want) {
				t.Errorf("%s panicked with %q; want it to say %q", name, got, want)
			}
		}
		for i, d := range []*desync.Desync[int]{a, b, c} {
			if n := d.Pending(); n != 0 || !d.TryDo(func(*int) {}) {
				t.Errorf("after %s object %d has %d jobs pending; want it idle", name, i, n)
			}
		}
	}
}

func TestSYN2_TheJobOfSeveralRunsOnTheCallersGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, c := range severalCalls {
			for busy := range 4 { // a bit an object
				ds := []*desync.Desync[int]{newInt(), newInt()}
				gate := make(chan struct{})
				for i, d := range ds {
					if busy>>i&1 != 0 {
						d.Async(func(*int) { <-gate })
					}
				}
				synctest.Wait()
				time.AfterFunc(time.Hour, func() { close(gate) }) // when the call waits
				caller := goid()
				c.call(ds, func([]*int) {
					if where := goid(); where != caller {
						t.Errorf("SYN-2: the job of %s ran on %s; want the caller's, %s", c.name, where, caller)
					}
				})
			}
		}
	})
}

// The place in each queue is that of the call: what was before runs before, what
// comes later after, on either object.
func TestORD2_ORD3_SeveralTakeTheirPlaceInAllQueues(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, gateA := closedGate[[]string]()
		b, gateB := closedGate[[]string]()
		wantA, wantB := queueEach(a, "before"), queueEach(b, "before")
		held := make(chan struct{})
		go desync.Sync2(b, a, func(b, a *[]string) int {
			<-held
			logged("both")(a)
			logged("both")(b)
			return 0
		})
		synctest.Wait()
		wantA = append(append(wantA, "both"), queueEach(a, "behind")...)
		wantB = append(append(wantB, "both"), queueEach(b, "behind")...)
		behind := len(wantA) / 2
		close(gateA)
		synctest.Wait()
		wantPending(t, a, 1+behind) // held for the Sync2, which waits for b
		close(gateB)
		synctest.Wait()
		wantPending(t, a, 1+behind)
		wantPending(t, b, 1+behind)
		close(held)
		synctest.Wait()
		wantPending(t, a, 0)
		wantPending(t, b, 0)
		wantLog(t, "ORD-3", a, wantA...)
		wantLog(t, "ORD-3", b, wantB...)
	})
}

func TestPAR1_AnUnrelatedObjectIsNotBlocked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, gate := closedGate[int]()
		b, other := newInt(), newInt()
		done := make(chan struct{})
		go func() {
			defer close(done)
			desync.Sync2(b, a, func(*int, *int) int { return 0 })
		}()
		synctest.Wait()
		for _, k := range kinds[int]() {
			k.call(other, func(n *int) { *n++ })
			synctest.Wait()
		}
		desync.DoAll([]*desync.Desync[int]{other, newInt()}, func(data []*int) { *data[0]++ })
		if got, want := other.Sync(func(n *int) int { return *n }), 1+len(kinds[int]()); got != want {
			t.Errorf("PAR-1: %d jobs ran on an object beside a Sync2 that waits; want %d", got, want)
		}
		select {
		case <-done:
			t.Error("EXC-1: the Sync2 ended while one of its objects is held")
		default:
		}
		close(gate)
		<-done
	})
}

func TestPAN1_PAN4_PAN5_SeveralObjectsGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, c := range severalCalls {
			for _, value := range panicValues {
				a, gateA := closedGate[int]()
				b, gateB := closedGate[int]()
				ds := []*desync.Desync[int]{a, b}
				ends := make(chan any, 2)
				go func() { ends <- caught(func() { c.call(ds, func([]*int) { panicking(value) }) }) }()
				synctest.Wait()
				exited := make(chan bool, 1)
				go func() {
					returned := false
					defer func() { exited <- !returned }()
					c.call(ds, func([]*int) { runtime.Goexit() })
					returned = true
				}()
				synctest.Wait()
				for _, d := range ds {
					for _, k := range kinds[int]() {
						go k.call(d, func(n *int) { *n++ })
						synctest.Wait()
					}
				}
				close(gateB)
				synctest.Wait()
				close(gateA)
				if v := <-ends; !isPanic(v, value) {
					t.Errorf("PAN-1: the caller of %s caught %v; want the panic of %v", c.name, v, value)
				}
				if !<-exited {
					t.Errorf("SYN-2: %s returned after its job had called Goexit", c.name)
				}
				synctest.Wait()
				for i, d := range ds {
					wantPending(t, d, 0)
					if got := d.Sync(func(n *int) int { return *n }); got != len(kinds[int]()) {
						t.Errorf("PAN-4: %d jobs of object %d ran behind a %s that panicked; want %d", got, i, c.name, len(kinds[int]()))
					}
				}
			}
		}
	})
}

func TestSYN3_SeveralInBubblesAfterUseOutside(t *testing.T) {
	ds := []*desync.Desync[int]{newInt(), newInt()}
	for range scaled(1_000) {
		for _, c := range severalCalls {
			ds[0].Async(func(*int) {})
			c.call(ds, func([]*int) {})
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				for i, d := range ds {
					d.Async(func(*int) { time.Sleep(time.Duration(i+1) * time.Hour) })
				}
				go c.call(ds, func([]*int) { time.Sleep(time.Hour) })
				synctest.Wait()
				c.call([]*desync.Desync[int]{ds[1], ds[0]}, func([]*int) { time.Sleep(time.Hour) })
				if took := time.Since(start); took != 4*time.Hour {
					t.Errorf("SYN-3: two %ss behind a job of 2 hours took %v of the bubble's time; want 4 hours", c.name, took)
				}
			})
		}
	}
}
