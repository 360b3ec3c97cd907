package desync_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures/waits"
)

var nesting = flag.Duration("nesting", 300*time.Millisecond, "how long objects are nested without a ring")

// placeBelow returns the place so many lines below the call.
func placeBelow(lines int) string {
	_, file, line, _ := runtime.Caller(1)
	return fmt.Sprintf("%s:%d", filepath.Base(file), line+lines)
}

// wantChain fails unless err is a DeadlockError of these waits in this order. Each
// is what its object is called and, after a space, where its place ends; a dash
// stands for no place.
func wantChain(t *testing.T, err error, want ...string) {
	t.Helper()
	e, ok := errors.AsType[*desync.DeadlockError](err)
	if !ok {
		t.Errorf("NST-3: the call returned %v; want a DeadlockError", err)
		return
	}
	if !errors.Is(err, desync.ErrNotRun) || errors.Is(err, context.Canceled) {
		t.Errorf("NST-3: the error matches ErrNotRun: %v, context.Canceled: %v; want only the former",
			errors.Is(err, desync.ErrNotRun), errors.Is(err, context.Canceled))
	}
	if !slices.EqualFunc(e.Ring, want, func(w waits.Wait, s string) bool {
		object, call, _ := strings.Cut(s, " ")
		if call == "-" {
			return strings.Contains(w.Object, object) && w.Call == ""
		}
		return strings.Contains(w.Object, object) && w.Call != "" && strings.HasSuffix(w.Call, call)
	}) {
		t.Errorf("NST-3: the ring is %+v; want %q", e.Ring, want)
	}
	text := e.Error()
	for _, w := range e.Ring {
		if !strings.Contains(text, w.Object) || !strings.Contains(text, w.Call) {
			t.Errorf("NST-3: the message does not name %s and %q:\n%s", w.Object, w.Call, text)
		}
	}
	if !strings.Contains(text, "Async") || !strings.Contains(text, "Sync2") {
		t.Errorf("NST-3: the message does not say what to do instead:\n%s", text)
	}
}

// wantAllUsable fails unless the objects are idle, once what is queued has run.
func wantAllUsable[T any](t *testing.T, ds ...*desync.Desync[T]) {
	t.Helper()
	for i, d := range ds {
		d.Do(func(*T) {})
		if !d.TryDo(func(*T) {}) {
			t.Errorf("NST-3: object %d is not idle after the ring", i)
		}
	}
}

func TestNST3_TheOwnObjectAlongAContext(t *testing.T) {
	for _, outer := range contextCalls[int]() {
		for _, inner := range contextCalls[int]()[:2] {
			for _, name := range []string{"a name", ""} {
				t.Run(outer.name+", in it "+inner.name+" "+name, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						d, called := new(desync.Desync[int]), "Desync[int]"
						if name != "" {
							d, called = desync.New(0, desync.WithName(name)), `name"`
						}
						err := outer.call(d, t.Context(), func(ctx context.Context, _ *int) error {
							derived, cancel := context.WithCancel(context.WithValue(ctx, new(int), 1))
							defer cancel()
							return inner.call(d, derived, mustNotRun[int](t, inner.name))
						})
						e, ok := errors.AsType[*desync.DeadlockError](err)
						if !ok || len(e.Ring) != 1 || !strings.Contains(e.Ring[0].Object, called) || !strings.Contains(e.Ring[0].Call, "contextcalls_test.go:") {
							t.Errorf("NST-3: a job that waits for its own object got %v; want a ring of %s alone, and the place of the call", err, called)
						}
						wantAllUsable(t, d)
					})
				})
			}
		}
	}
}

func TestNST3_RingsOfTwoAndThreeAlongAContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := desync.New(0, desync.WithName("a")), desync.New(0)
		c := desync.New(0, desync.WithName("c"))
		never := func(context.Context, *int) error { t.Error("NST-3: the job ran"); return nil }
		onB, onC, again := placeBelow(4), placeBelow(6), placeBelow(7)
		var two, three, inMidst error
		// The places are given in lines from above.
		err := a.DoContext(t.Context(), func(ctx context.Context, _ *int) error {
			return b.DoContext(ctx, func(ctx context.Context, _ *int) error {
				two = a.DoContext(ctx, never)
				_, err := c.SyncContext(ctx, func(ctx context.Context, _ *int) (int, error) {
					three = a.DoContext(ctx, never)
					inMidst = b.DoContext(ctx, never)
					return 0, nil
				})
				return err
			})
		})
		if err != nil {
			t.Errorf("NST-1: the calls that close no ring returned %v", err)
		}
		wantChain(t, two, "a "+placeAt(onB, 1), "Desync[int] "+onB)
		wantChain(t, three, "a "+again, "Desync[int] "+onB, "c "+onC)
		wantChain(t, inMidst, "Desync[int] "+placeAt(again, 1), "c "+onC)
		wantAllUsable(t, a, b, c)
	})
}

// placeAt returns the place so many lines below another.
func placeAt(place string, lines int) string {
	file, line, _ := strings.Cut(place, ":")
	var n int
	fmt.Sscan(line, &n)
	return fmt.Sprintf("%s:%d", file, n+lines)
}

// Between the calls of the ring is one with a context of its own: the stack does not
// say which is which, so that only the place of the last call is known.
func TestNST3_AnotherContextBetweenTheCallsOfARing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := desync.New(0, desync.WithName("a")), desync.New(0, desync.WithName("b"))
		never := func(context.Context, *int) error { t.Error("NST-3: the job ran"); return nil }
		var other desync.Desync[int]
		place := placeBelow(4)
		err := a.DoContext(t.Context(), func(ctx context.Context, _ *int) error {
			return b.DoContext(ctx, func(ctx context.Context, _ *int) error {
				return other.DoContext(context.Background(), func(context.Context, *int) error {
					return a.DoContext(ctx, never)
				})
			})
		})
		wantChain(t, err, "a "+place, "b -")
		wantAllUsable(t, a, b, &other)
	})
}

// The job of a waits for a goroutine, which it has given its context.
func TestNST3_AlongAContextOverGoroutines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := desync.New(0, desync.WithName("a")), desync.New(0, desync.WithName("b"))
		never := func(context.Context, *int) error { t.Error("NST-3: the job ran"); return nil }
		told := make(chan error)
		place := placeBelow(3)
		err := a.DoContext(t.Context(), func(ctx context.Context, _ *int) error {
			return b.DoContext(ctx, func(ctx context.Context, _ *int) error {
				go func() { told <- a.DoContext(ctx, never) }()
				return <-told
			})
		})
		wantChain(t, err, "a "+place, "b -")
		if !strings.Contains(err.Error(), "another goroutine") {
			t.Errorf("NST-3: the message does not say that a call was made on another goroutine:\n%v", err)
		}
		wantAllUsable(t, a, b)
	})
}

// The context of a job that has ended shows no object as held.
func TestNST3_ALeakedContextIsNoRing(t *testing.T) {
	for _, c := range contextCalls[int]() {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var d desync.Desync[int]
				leak := func(parent context.Context) (leaked context.Context) {
					c.call(&d, parent, func(ctx context.Context, _ *int) error { leaked = ctx; return nil })
					return leaked
				}
				leaked := leak(leak(t.Context()))
				gate, told := make(chan struct{}), make(chan error)
				d.Async(func(*int) { <-gate })
				synctest.Wait()
				go func() { told <- d.DoContext(leaked, func(context.Context, *int) error { return nil }) }()
				synctest.Wait()
				close(gate)
				if err := <-told; err != nil {
					t.Errorf("NST-3: a call with the context of a job that has ended returned %v; want it to wait", err)
				}
			})
		})
	}
}

// A goroutine that knows from the future that the job has ended may use the job's
// context, even if the turn has not been passed on yet. Other waiters of the future
// delay that here.
func TestNST3_FUT2_ASettledFutureHasNoRing(t *testing.T) {
	for range 20 {
		var d desync.Desync[int]
		gate := make(chan struct{})
		leaked := make(chan context.Context, 1)
		f := d.FutureContext(t.Context(), func(ctx context.Context, _ *int) (int, error) {
			leaked <- ctx
			<-gate
			return 0, nil
		})
		for range 2_000 {
			f.AfterFunc(func(int, error) {})
		}
		done := f.Done()
		close(gate)
		<-done
		if err := d.DoContext(<-leaked, func(context.Context, *int) error { return nil }); err != nil {
			t.Fatalf("NST-3: a call with the context of a job whose future has settled returned %v", err)
		}
	}
}

// The job of a does not wait for the job of b that waits for a.
func TestNST3_FutureContextCutsTheChain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := desync.New(0), desync.New(0)
		told, own := make(chan error, 1), make(chan error, 1)
		err := a.DoContext(t.Context(), func(ctx context.Context, _ *int) error {
			b.FutureContext(ctx, func(ctx context.Context, _ *int) (int, error) {
				own <- b.DoContext(ctx, mustNotRun[int](t, "DoContext"))
				told <- a.DoContext(ctx, func(context.Context, *int) error { return nil })
				return 0, nil
			})
			synctest.Wait() // until it waits for a
			return nil
		})
		if err := errors.Join(err, <-told); err != nil {
			t.Errorf("NST-3: a job that nobody waits for was told of %v; want it to wait", err)
		}
		if _, ok := errors.AsType[*desync.DeadlockError](<-own); !ok {
			t.Error("NST-3: the job of a FutureContext may wait for its own object; want a DeadlockError")
		}
		wantAllUsable(t, a, b)
	})
}

// A ring is reported even if the context could end; if the context has ended, that
// is reported and not the ring. Neither call blocks.
func TestNST3_CAN1_AnEndedContextInARing(t *testing.T) {
	var d desync.Desync[int]
	ctx, cancel := context.WithCancel(t.Context())
	d.DoContext(ctx, func(ctx context.Context, _ *int) error {
		cancel()
		wantNotRun(t, "DoContext on its own object", d.DoContext(ctx, mustNotRun[int](t, "DoContext")), ctx, context.Canceled)
		return nil
	})
}

// Several goroutines nest jobs of up to 50 objects, each with the context of the
// one before, in the order of their numbers, which closes no ring.
func TestNST1_NST3_NoFalseAlarmInDeepNesting(t *testing.T) {
	const objects, goroutines = 50, 6
	period := *nesting
	ds := make([]*desync.Desync[int], objects)
	for i := range ds {
		ds[i] = desync.New(0)
	}
	calls := contextCalls[int]()
	var jobs, deepest atomic.Int64
	var nest func(ctx context.Context, r *rand.Rand, from, depth, step int) error
	nest = func(ctx context.Context, r *rand.Rand, from, depth, step int) error {
		i := from + 1 + r.IntN(step)
		if i >= objects {
			for old := deepest.Load(); int64(depth) > old && !deepest.CompareAndSwap(old, int64(depth)); old = deepest.Load() {
			}
			return nil
		}
		job := func(ctx context.Context, n *int) error {
			*n++
			jobs.Add(1)
			return nest(ctx, r, i, depth+1, step)
		}
		switch r.IntN(8) {
		case 0: // plain calls may be mixed in
			var err error
			ds[i].Do(func(n *int) { err = job(ctx, n) })
			return err
		case 1:
			ds[r.IntN(objects)].Async(func(n *int) { *n++ })
			jobs.Add(1)
		}
		return calls[r.IntN(len(calls))].call(ds[i], ctx, job)
	}
	var alarms sync.Map
	deadline := time.Now().Add(period)
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(g), 1))
			for round := 0; round == 0 || time.Now().Before(deadline); round++ {
				if err := nest(context.Background(), r, -1, 0, []int{1, 4, 25}[round%3]); err != nil {
					alarms.Store(err.Error(), true)
					return
				}
			}
		})
	}
	wg.Wait()
	for text := range alarms.Range {
		t.Errorf("NST-3: calls that close no ring were told of\n%v", text)
	}
	total := int64(0)
	for _, d := range ds {
		total += int64(d.Sync(func(n *int) int { return *n }))
	}
	if total != jobs.Load() || deepest.Load() != objects {
		t.Errorf("EXE-2: %d jobs ran, nested %d deep; want %d, and %d deep", total, deepest.Load(), jobs.Load(), objects)
	}
}
