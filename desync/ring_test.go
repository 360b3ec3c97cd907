//go:build race || desyncdebug

package desync_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/desync"
)

// A waitingCall is a call that waits for d, inside a job. attempt returns how it
// reports a ring, by an error or by a panic.
type waitingCall struct {
	name    string
	context bool // it returns the error
	call    func(ctx context.Context, d, spare *desync.Desync[int], job func()) error
}

var waitingCalls = []waitingCall{
	{"Do", false, func(_ context.Context, d, _ *desync.Desync[int], job func()) error {
		d.Do(func(*int) { job() })
		return nil
	}},
	{"Sync", false, func(_ context.Context, d, _ *desync.Desync[int], job func()) error {
		return d.Sync(func(*int) error { job(); return nil })
	}},
	{"DoContext", true, func(ctx context.Context, d, _ *desync.Desync[int], job func()) error {
		return d.DoContext(ctx, func(context.Context, *int) error { job(); return nil })
	}},
	{"SyncContext", true, func(ctx context.Context, d, _ *desync.Desync[int], job func()) error {
		_, err := d.SyncContext(ctx, func(context.Context, *int) (int, error) { job(); return 0, nil })
		return err
	}},
	{"Sync2", false, func(_ context.Context, d, spare *desync.Desync[int], job func()) error {
		return desync.Sync2(spare, d, func(*int, *int) error { job(); return nil })
	}},
	{"DoAll", false, func(_ context.Context, d, spare *desync.Desync[int], job func()) error {
		desync.DoAll([]*desync.Desync[int]{d, spare}, func([]*int) { job() })
		return nil
	}},
	{"Sync3", false, func(_ context.Context, d, spare *desync.Desync[int], job func()) error {
		return desync.Sync3(spare, d, desync.New(0), func(*int, *int, *int) error { job(); return nil })
	}},
	{"Sync2Context", true, func(ctx context.Context, d, spare *desync.Desync[int], job func()) error {
		_, err := desync.Sync2Context(ctx, spare, d, func(context.Context, *int, *int) (int, error) { job(); return 0, nil })
		return err
	}},
	{"DoAllContext", true, func(ctx context.Context, d, spare *desync.Desync[int], job func()) error {
		return desync.DoAllContext(ctx, []*desync.Desync[int]{d, spare}, func(context.Context, []*int) error { job(); return nil })
	}},
}

// attempt makes the call and returns what it says of a ring, as a variant of its
// kind does, or nil.
func (c waitingCall) attempt(t *testing.T, ctx context.Context, d, spare *desync.Desync[int], job func()) (told any) {
	t.Helper()
	var err error
	panicked := caught(func() { err = c.call(ctx, d, spare, job) })
	switch {
	case c.context && panicked != nil:
		t.Errorf("NST-3: %s panicked with %v; want an error", c.name, panicked)
	case !c.context && err != nil:
		t.Errorf("NST-3: %s returned %v; want a panic", c.name, err)
	}
	if err != nil {
		if !errors.Is(err, desync.ErrNotRun) {
			t.Errorf("NST-3: the error of %s does not match ErrNotRun: %v", c.name, err)
		}
		return err
	}
	return panicked
}

// Each call is in a ring of two and of three goroutines with every other call, with
// contexts that are independent of each other.
func TestNST3_RingsOfMixedCalls(t *testing.T) {
	for i, first := range waitingCalls {
		for j, second := range waitingCalls {
			for _, n := range []int{2, 3} {
				calls := []waitingCall{first, second, waitingCalls[(i+j)%len(waitingCalls)]}[:n]
				name := first.name + "," + second.name
				if n == 3 {
					name += "," + calls[2].name
				}
				t.Run(name, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { ringOf(t, calls) })
				})
			}
		}
	}
}

func ringOf(t *testing.T, calls []waitingCall) {
	n := len(calls)
	objects, spares := make([]*desync.Desync[int], n), make([]*desync.Desync[int], n)
	for i := range objects {
		objects[i] = desync.New(0, desync.WithName(fmt.Sprint("object-", i)))
		spares[i] = desync.New(0, desync.WithName(fmt.Sprint("spare-", i)))
	}
	var ready sync.WaitGroup
	ready.Add(n)
	told, ran := make(chan any, n), make(chan int, n)
	for i, c := range calls {
		go calls[(i+1)%n].call(context.Background(), objects[i], desync.New(0), func() {
			ready.Done()
			ready.Wait()
			told <- c.attempt(t, context.Background(), objects[(i+1)%n], spares[i], func() { ran <- i })
		})
	}
	rings := 0
	for range n {
		v := <-told
		if v == nil {
			continue
		}
		rings++
		var want []string
		for i := range objects {
			want = append(want, fmt.Sprintf("object-%d ", i))
		}
		wantRing(t, v, want...)
	}
	synctest.Wait()
	if rings != 1 || len(ran) != n-1 {
		t.Errorf("NST-3: %d of %d calls in a ring were told and %d jobs ran; want the one that closes it told, and the others' jobs run", rings, n, len(ran))
	}
	wantWorking(t, objects...)
	wantWorking(t, spares...)
}

// The ring is closed by a job that waits behind a Sync2 which does not have the
// object yet, but is before it. The Context variants come first: if they are not
// told they give up, and the others would wait forever.
func TestNST3_RingThroughAPlaceInTheQueue(t *testing.T) {
	for _, contexts := range []bool{true, false} {
		for _, c := range waitingCalls {
			if c.context != contexts {
				continue
			}
			t.Run(c.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { ringThroughAPlace(t, c) })
			})
		}
		if t.Failed() {
			return
		}
	}
}

func ringThroughAPlace(t *testing.T, c waitingCall) {
	a, b := desync.New(0, desync.WithName("a")), desync.New(0, desync.WithName("b"))
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour) // when nothing else goes on
	defer cancel()
	queued, gate := make(chan struct{}), make(chan struct{})
	told, both := make(chan any, 1), make(chan struct{})
	go a.Do(func(*int) {
		<-queued
		told <- c.attempt(t, ctx, b, desync.New(0), func() {})
	})
	b.Async(func(*int) { <-gate })
	synctest.Wait()
	go func() {
		defer close(both)
		desync.Sync2(a, b, func(*int, *int) int { return 0 })
	}()
	synctest.Wait()
	close(queued)
	synctest.Wait()
	close(gate)
	wantRing(t, <-told, "b ", "a ")
	<-both
	wantWorking(t, a, b)
}

// The place of each call is named, that of a Sync2 for its own.
func TestNST3_TheMessageNamesEveryCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := desync.New(0, desync.WithName("a")), desync.New(0)
		waiting, told := make(chan struct{}), make(chan any, 1)
		placeOfB := here(3)
		go a.Do(func(*int) {
			<-waiting
			b.Do(func(*int) {})
		})
		synctest.Wait()
		placeOfA := here(4)
		go b.Do(func(*int) {
			close(waiting)
			synctest.Wait()
			told <- caught(func() { desync.Sync2(desync.New(0), a, func(*int, *int) int { return 0 }) })
		})
		wantRing(t, <-told, "Desync[int] "+placeOfB, "a "+placeOfA)
		wantWorking(t, a, b)
	})
}

// A call that gave up is in no ring any more.
func TestNST3_ACancelledCallIsInNoRing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := desync.New(0), desync.New(0)
		ctx, cancel := context.WithCancel(t.Context())
		inB, gate := make(chan struct{}), make(chan struct{})
		b.Async(func(*int) { <-inB })
		synctest.Wait()
		gaveUp, told := make(chan error, 1), make(chan any, 1)
		go a.Do(func(*int) {
			gaveUp <- b.DoContext(ctx, func(context.Context, *int) error { return nil })
			<-gate
		})
		synctest.Wait()
		cancel()
		if err := <-gaveUp; !errors.Is(err, context.Canceled) {
			t.Errorf("CAN-1: the DoContext returned %v; want context.Canceled", err)
		}
		close(inB)
		go b.Do(func(*int) { told <- caught(func() { a.Do(func(*int) {}) }) })
		synctest.Wait()
		close(gate)
		if v := <-told; v != nil {
			t.Errorf("NST-3: a Do was told of a ring over a call that had given up: %v", v)
		}
		wantWorking(t, a, b)
	})
}

// A job of a waits for b, which a Sync2 of both wants at the same time, so there is
// a ring or not, as it happens. If there is one, somebody is told.
func TestNST3_NoRingIsMissed(t *testing.T) {
	for _, c := range waitingCalls {
		t.Run(c.name, func(t *testing.T) {
			a, b := newInt(), newInt()
			spare := newInt()
			rings := 0
			finishes(t, "NST-3: calls that may close a ring", func() {
				for round := range scaled(40_000) {
					var told [2]any
					var wg sync.WaitGroup
					b.Async(func(*int) { spin(round % 4) })
					wg.Go(func() {
						a.Do(func(*int) {
							spin(round % 3)
							told[0] = c.attempt(t, context.Background(), b, spare, func() {})
						})
					})
					wg.Go(func() {
						spin(round % 5)
						told[1] = caught(func() { desync.Sync2(a, b, func(*int, *int) int { return 0 }) })
					})
					wg.Wait()
					if told[0] != nil || told[1] != nil {
						rings++
					}
				}
			})
			t.Logf("%d rings", rings)
			wantWorking(t, a, b, spare)
		})
	}
}
