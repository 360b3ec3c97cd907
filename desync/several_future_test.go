package desync_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

// A severalFuture queues a job of both objects.
type severalFuture[T any] struct {
	name string
	call func(a, b desync.Object[T], job func(a, b *T) int) *futures.Future[int]
}

func severalFutures[T any]() []severalFuture[T] {
	return []severalFuture[T]{
		{"Future2", func(a, b desync.Object[T], job func(a, b *T) int) *futures.Future[int] {
			return desync.Future2(a, b, job)
		}},
		{"FutureAll", func(a, b desync.Object[T], job func(a, b *T) int) *futures.Future[int] {
			return desync.FutureAll([]desync.Object[T]{a, b, new(desync.Desync[T])}, func(data []*T) int { return job(data[0], data[1]) })
		}},
	}
}

// The places in the queues are those of the call, which does not wait: what was before
// runs before, what comes later after, on either object.
func TestASY1_ORD3_FuturesOfSeveralTakeTheirPlaceInAllQueues(t *testing.T) {
	for _, c := range severalFutures[[]string]() {
		synctest.Test(t, func(t *testing.T) {
			a, gateA := closedGate[[]string]()
			b, gateB := closedGate[[]string]()
			wantA, wantB := queueEach(a, "before"), queueEach(b, "before")
			held := make(chan struct{})
			f := c.call(b, a, func(b, a *[]string) int {
				<-held
				logged("both")(a)
				logged("both")(b)
				return 7
			})
			wantA = append(append(wantA, "both"), queueEach(a, "behind")...)
			wantB = append(append(wantB, "both"), queueEach(b, "behind")...)
			behind := len(wantA) / 2
			close(gateA)
			synctest.Wait()
			wantPending(t, a, 1+behind) // held for the call, which waits for b
			close(gateB)
			synctest.Wait()
			wantPending(t, a, 1+behind)
			wantPending(t, b, 1+behind)
			if _, ok := f.Try(); ok {
				t.Errorf("FUT-2: the future of %s settled before its job had ended", c.name)
			}
			close(held)
			if v, err := f.Await(t.Context()); v != 7 || err != nil {
				t.Errorf("the future of %s has %v, %v; want 7", c.name, v, err)
			}
			synctest.Wait()
			wantPending(t, a, 0)
			wantPending(t, b, 0)
			wantLog(t, "ORD-3", a, wantA...)
			wantLog(t, "ORD-3", b, wantB...)
		})
	}
}

// The caller holds a mutex that the job needs, and the objects are idle.
func TestASY2_FUT3_FuturesOfSeveralRunBeside(t *testing.T) {
	for _, c := range severalFutures[int]() {
		synctest.Test(t, func(t *testing.T) {
			a, b := newInt(), newInt()
			caller, gate := goid(), make(chan struct{})
			c.call(a, b, func(a, b *int) int {
				if goid() == caller {
					t.Errorf("ASY-2: the job of %s runs on the caller's goroutine", c.name)
				}
				<-gate
				*a, *b = 1, 2
				return 0
			})
			wantPending(t, a, 1)
			wantPending(t, b, 1)
			close(gate)
			if got := desync.Sync2(a, b, func(a, b *int) [2]int { return [2]int{*a, *b} }); got != [2]int{1, 2} {
				t.Errorf("FUT-3: the job whose future nobody keeps left %v; want 1 and 2", got)
			}
		})
	}
	caller, f := goid(), (*futures.Future[string])(nil)
	finishes(t, "FutureAll of no object", func() {
		f = desync.FutureAll([]*desync.Desync[int]{}, func([]*int) string { return goid() })
		<-f.Done()
	})
	if ran, err := f.Await(t.Context()); ran == caller || err != nil {
		t.Errorf("the job of a FutureAll of no object ran on %s, %v; want a goroutine of its own", ran, err)
	}
}

func TestPAN2_PAN5_FuturesOfSeveral(t *testing.T) {
	m := desync.NewMap(func(key string) int {
		if key == "bad" {
			panicking("no value")
		}
		return 0
	})
	for _, c := range severalFutures[int]() {
		a, b := desync.New(0), desync.New(0)
		for _, value := range panicValues {
			_, err := c.call(a, b, func(*int, *int) int { panicking(value); return 0 }).Await(t.Context())
			if p, ok := errors.AsType[*desync.PanicError](err); !ok || !isPanic(p.Value, value) {
				t.Errorf("PAN-2: the future of %s has the error %v; want the panic of %v", c.name, err, value)
			}
		}
		if _, err := c.call(a, b, func(*int, *int) int { runtime.Goexit(); return 0 }).Await(t.Context()); !errors.Is(err, futures.ErrGoexit) {
			t.Errorf("PAN-5: the future of %s has the error %v; want ErrGoexit", c.name, err)
		}
		_, err := c.call(a, m.At("bad"), func(*int, *int) int { t.Error("the job ran without a value"); return 0 }).Await(t.Context())
		if p, ok := errors.AsType[*desync.PanicError](err); !ok || p.Value != "no value" {
			t.Errorf("PAN-2: the future of %s of a key has the error %v; want the panic of the constructor", c.name, err)
		}
		eventually(t, func() bool { return m.Len() == 0 }, "PAN-6: the key is let go of")
		wantAllUsable(t, a, b)
	}
}

func TestLBL1_TheGoroutineOfAFutureOfSeveral(t *testing.T) {
	for _, c := range severalFutures[int]() {
		for want, a := range map[string]*desync.Desync[int]{named: desync.New(0, desync.WithName("ledger")), "none": newInt()} {
			for _, held := range []bool{false, true} {
				b := desync.New(0, desync.WithName("other"))
				got := make(chan string, 1)
				as("alice", func() {
					resume := func() {}
					if held {
						resume = b.Suspend()
					}
					c.call(a, b, func(*int, *int) int { got <- labels(); return 0 })
					resume()
				})
				if got := receive(t, got, "the job"); got != want {
					t.Errorf("LBL-1: the job of %s has the labels %s; want %s", c.name, got, want)
				}
			}
		}
	}
}

// Each object's observer is told of the one job, and none of it twice.
func TestObserversOfSeveralObjects(t *testing.T) {
	returned := []string{"queued", "started", "finished"}
	for _, c := range []struct {
		name string
		want []string
		call func(ctx context.Context, a, b desync.Object[int])
	}{
		{"Sync3", returned, func(_ context.Context, a, b desync.Object[int]) {
			desync.Sync3(a, newInt(), b, func(*int, *int, *int) int { return 0 })
		}},
		{"Sync2Context", returned, func(ctx context.Context, a, b desync.Object[int]) {
			desync.Sync2Context(ctx, a, b, func(context.Context, *int, *int) (int, error) { return 0, nil })
		}},
		{"Sync2Context that gives up", []string{"queued", "finished"}, func(ctx context.Context, a, b desync.Object[int]) {
			defer b.Suspend()()
			ctx, cancel := context.WithCancel(ctx)
			desync.Sync2Context(endsWhenWatched{ctx, cancel}, a, b, func(context.Context, *int, *int) (int, error) { return 0, nil })
		}},
		{"Sync2Context in a job of an object", []string{"queued", "finished"}, func(ctx context.Context, a, b desync.Object[int]) {
			desync.DoAllContext(ctx, []*desync.Desync[int]{newInt()}, func(ctx context.Context, _ []*int) error {
				ended, cancel := context.WithCancel(ctx)
				cancel()
				_, err := desync.Sync2Context(ended, a, b, func(context.Context, *int, *int) (int, error) { return 0, nil })
				return err
			})
		}},
		{"Future2", returned, func(_ context.Context, a, b desync.Object[int]) {
			desync.Future2(a, b, func(*int, *int) int { return 0 })
		}},
	} {
		synctest.Test(t, func(t *testing.T) {
			first, second := new(listener), new(listener)
			a := desync.New(0, desync.WithObserver(first))
			b := desync.NewMap(func(int) int { return 0 }, desync.WithObserver(second)).At(5)
			c.call(t.Context(), a, b)
			synctest.Wait()
			for _, l := range []*listener{first, second} {
				all := l.taken()
				if got := names(all); !slices.Equal(got, c.want) {
					t.Fatalf("%s: an observer was told %v; want %v", c.name, got, c.want)
				}
				outcome := desync.OutcomeReturned
				if len(all) == 2 {
					outcome = desync.OutcomeNotRun
				}
				if j := all[len(all)-1].JobInfo; j.Outcome != outcome || l == second && j.Key != 5 {
					t.Errorf("%s: an observer was told %+v; want %v, and the key", c.name, j, outcome)
				}
			}
		})
	}
}

// Used in a bubble after use outside, and the goroutine is one of the bubble.
func TestSYN3_FuturesOfSeveralInBubbles(t *testing.T) {
	a, b := newInt(), newInt()
	for _, c := range severalFutures[int]() {
		<-c.call(a, b, func(*int, *int) int { return 0 }).Done()
		a.Do(func(*int) {})
		b.Do(func(*int) {})
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			a.Async(func(*int) { time.Sleep(time.Hour) })
			b.Async(func(*int) { time.Sleep(2 * time.Hour) })
			<-c.call(a, b, func(*int, *int) int { time.Sleep(time.Hour); return 0 }).Done()
			if took := time.Since(start); took != 3*time.Hour {
				t.Errorf("SYN-3: a %s behind a job of 2 hours took %v of the bubble's time; want 3 hours", c.name, took)
			}
		})
	}
	if fmt.Sprint(a.Pending(), b.Pending()) != "0 0" {
		t.Error("the objects are not idle behind the bubbles")
	}
}
