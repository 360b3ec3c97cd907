//go:build race || desyncdebug

package desync_test

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/go-desync/go-desync/desync"
)

// Rings are found in builds with the race detector or with the tag desyncdebug;
// in others they block, which is what a test cannot wait for.

// here returns the place of its caller, some lines further down.
func here(down int) string {
	_, file, line, _ := runtime.Caller(1)
	return fmt.Sprintf("%s:%d", filepath.Base(file), line+down)
}

// wantRing fails unless v is a DeadlockError of these waits, in their order but
// from any of them on. A wait is given as what its object's name contains, a
// space, and the end of the place of its call.
func wantRing(t *testing.T, v any, want ...string) {
	t.Helper()
	e, ok := v.(*desync.DeadlockError)
	if !ok {
		t.Errorf("NST-3: the call ended with %v; want a panic with a DeadlockError", v)
		return
	}
	same := func(turned int) bool {
		for i, w := range e.Ring {
			object, call, _ := strings.Cut(want[(i+turned)%len(want)], " ")
			if !strings.Contains(w.Object, object) || !strings.HasSuffix(w.Call, call) {
				return false
			}
		}
		return true
	}
	found := false
	for turned := range want {
		found = found || len(e.Ring) == len(want) && same(turned)
	}
	if !found {
		t.Errorf("NST-3: the ring is %+v; want %q, from any of them on", e.Ring, want)
	}
	for _, w := range e.Ring {
		if !strings.Contains(e.Error(), w.Object) || !strings.Contains(e.Error(), w.Call) {
			t.Errorf("NST-3: the message does not name %s and %s:\n%s", w.Object, w.Call, e)
		}
	}
}

// wantWorking fails unless every kind of call works on d.
func wantWorking(t *testing.T, ds ...*desync.Desync[int]) {
	t.Helper()
	for i, d := range ds {
		d.Do(func(n *int) { *n = 0 })
		for _, k := range kinds[int]() {
			k.call(d, func(n *int) { *n++ })
		}
		if got := d.Sync(func(n *int) int { return *n }); got != len(kinds[int]()) {
			t.Errorf("NST-3: %d jobs ran on object %d after the ring; want %d", got, i, len(kinds[int]()))
		}
	}
}

func TestNST3_WaitingForTheOwnObject(t *testing.T) {
	for _, outer := range kinds[int]() {
		for _, name := range []string{"a name", ""} {
			t.Run(outer.name+" "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var d desync.Desync[int]
					own, object := &d, "Desync[int]"
					if name != "" {
						own, object = desync.New(0, desync.WithName(name)), `name"`
					}
					caughts := make(chan any, 2)
					place := here(2)
					outer.call(own, func(*int) {
						caughts <- caught(func() { own.Do(func(*int) {}) })
						caughts <- caught(func() { own.Sync(func(*int) int { return 0 }) })
					})
					wantRing(t, <-caughts, object+" "+place)
					v := <-caughts
					if e, ok := v.(*desync.DeadlockError); !ok || len(e.Ring) != 1 {
						t.Errorf("NST-3: a Sync on the own object ended with %v; want a ring of one", v)
					}
					wantWorking(t, own)
				})
			})
		}
	}
}

// Without a recover in the job the panic is the caller's, or the future's, or
// the handler's, as any panic in a job.
func TestNST3_TheRingIsToldLikeAnyPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		told := make(chan *desync.PanicError, 1)
		d := desync.New(0, desync.WithName("own"), desync.WithPanicHandler(func(e *desync.PanicError) { told <- e }))
		place := here(1)
		ring := func(*int) { d.Do(func(*int) {}) }

		wantRing(t, caught(func() { d.Do(ring) }), "own "+place)
		d.Async(ring)
		wantRing(t, (<-told).Value, "own "+place)
		_, err := d.Future(func(n *int) int { ring(n); return 0 }).Await(t.Context())
		if e, ok := err.(*desync.PanicError); !ok {
			t.Errorf("NST-3: the future failed with %v; want a PanicError", err)
		} else {
			wantRing(t, e.Value, "own "+place)
		}
		wantWorking(t, d)
	})
}

// A holds an object; it helps with a job of another, and that one waits for the
// first.
func TestNST3_ThroughAHelpedJob(t *testing.T) {
	helped(t, func(ran func()) {
		told := make(chan *desync.PanicError, 1)
		first := desync.New(0, desync.WithName("first"))
		other := desync.New(0, desync.WithName("other"), desync.WithPanicHandler(func(e *desync.PanicError) { told <- e }))
		var caller, runner string
		own := false
		var outerRing any
		inner, outer := here(6), here(8)
		first.Do(func(*int) {
			caller = goid()
			other.Async(func(*int) {
				ran()
				runner = goid()
				first.Do(func(*int) {})
			})
			outerRing = caught(func() { other.Do(func(*int) { own = true }) })
		})
		if caller != runner {
			// The other's drainer has run the job: a ring over two, which either
			// of the two may have closed. If it is this side, the other waits
			// and goes on.
			if outerRing == nil {
				receive(t, told, "NST-3: the ring")
			}
			return
		}
		e := receive(t, told, "NST-3: the ring")
		wantRing(t, e.Value, `first" `+inner, `other" `+outer)
		if outerRing != nil || !own {
			t.Errorf("NST-3: the helping Do ended with %v and its job ran: %v; want it untouched", outerRing, own)
		}
		wantWorking(t, first, other)
	})
}

// n goroutines hold an object each, and each then waits for the next one's.
func TestNST3_RingsOverSeveralObjects(t *testing.T) {
	for _, outer := range kinds[int]() {
		for _, n := range []int{2, 3, 5} {
			t.Run(fmt.Sprint(outer.name, " ", n), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					ds := make([]*desync.Desync[int], n)
					for i := range ds {
						ds[i] = desync.New(0, desync.WithName(fmt.Sprint("object-", i)))
					}
					var ready sync.WaitGroup
					ready.Add(n)
					ends := make(chan any, n)
					place := here(7)
					for i := range ds {
						go outer.call(ds[i], func(*int) {
							ready.Done()
							ready.Wait()
							next := ds[(i+1)%n]
							ends <- caught(func() {
								next.Do(func(*int) {})
							})
						})
					}
					var want []string
					for i := range ds {
						want = append(want, fmt.Sprintf("object-%d %s", i, place))
					}
					rings := 0
					for range n {
						if v := <-ends; v != nil {
							rings++
							wantRing(t, v, want...)
						}
					}
					if rings != 1 {
						t.Errorf("NST-3: %d of %d goroutines in a ring were told; want the one that closes it", rings, n)
					}
					synctest.Wait()
					wantWorking(t, ds...)
				})
			})
		}
	}
}

// One goes into a ring, the others wait for an object of it from outside.
func TestNST3_OthersThatWaitAreNotInvolved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := desync.New(0, desync.WithName("a")), desync.New(0, desync.WithName("b"))
		gate := make(chan struct{})
		ends := make(chan any, 2)
		cross := func(from, to *desync.Desync[int]) {
			from.Do(func(*int) {
				<-gate
				ends <- caught(func() { to.Do(func(*int) {}) })
			})
		}
		go cross(a, b)
		go cross(b, a)
		synctest.Wait()
		const others = 10
		quiet := make(chan any, others)
		for i := range others {
			go func() {
				quiet <- caught(func() {
					[]*desync.Desync[int]{a, b}[i%2].Do(func(n *int) { *n++ })
				})
			}()
		}
		synctest.Wait()
		close(gate)
		one, two := <-ends, <-ends
		if (one == nil) == (two == nil) {
			t.Errorf("NST-3: the two of a ring ended with %v and %v; want one of them told", one, two)
		}
		for range others {
			if v := <-quiet; v != nil {
				t.Errorf("NST-3: one outside the ring ended with %v", v)
			}
		}
		wantWorking(t, a, b)
	})
}

// Jobs wait for objects of higher numbers only, which closes no ring.
func TestNST3_NoFalseAlarm(t *testing.T) {
	const objects, goroutines = 8, 6
	ds := make([]*desync.Desync[int], objects)
	var alarms sync.Map
	for i := range ds {
		ds[i] = desync.New(0, desync.WithPanicHandler(func(e *desync.PanicError) { alarms.Store(e, true) }))
	}
	all := kinds[int]()
	var job func(i, seed, depth int) func(*int)
	job = func(i, seed, depth int) func(*int) {
		return func(n *int) {
			*n++
			for j := i + 1 + seed%3; j < objects && depth > 0; j += 1 + seed%4 {
				all[(seed+j)%len(all)].call(ds[j], job(j, seed*7+j, depth-1))
			}
			if seed%5 == 0 {
				ds[seed%objects].Async(func(n *int) { *n++ })
			}
		}
	}
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			for i := range 200 {
				seed := g*1000 + i
				if v := caught(func() { all[seed%len(all)].call(ds[seed%objects], job(seed%objects, seed, 3)) }); v != nil {
					alarms.Store(v, true)
				}
			}
		})
	}
	wg.Wait()
	for _, d := range ds {
		d.Do(func(*int) {})
	}
	wantWorking(t, ds...)
	for v := range alarms.Range {
		t.Errorf("NST-3: jobs that close no ring were told of\n%v", v)
	}
}
