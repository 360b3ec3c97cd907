package flight_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/adapters/flight"
	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

// play makes every kind of call on the objects of a recorder, from several goroutines, and
// calls look when all have ended but three.
func play(t *testing.T, r *flight.Recorder, rounds int, look func()) {
	object := func(name string) *desync.Desync[int] {
		return desync.New(0, desync.WithName(name), desync.WithObserver(r))
	}
	a, b, outer := object("a"), object("b"), object("outer")
	keys := desync.NewMap(func(int) int { return 0 }, desync.WithName("keys"), desync.WithObserver(r))
	ctx := t.Context()
	ended, cancel := context.WithCancel(ctx)
	cancel()
	nop := func(*int) {}
	nopContext := func(context.Context, *int) error { return nil }
	swallow := func(f func()) {
		defer func() { _ = recover() }()
		f()
	}

	var all sync.WaitGroup
	for g := range 4 {
		all.Go(func() {
			for i := range rounds {
				key := keys.At(i % 3)
				a.Async(nop)
				a.Do(nop)
				b.TryDo(nop)
				key.Do(nop)
				future := b.Future(func(n *int) int { *n++; return *n })
				var p futures.Promise[int]
				after := a.After(p.Future(), func(*int, int, error) int { return 0 })
				p.Resolve(1)
				desync.Sync2(a, b, func(*int, *int) int { return 0 })
				desync.DoAll([]*desync.Desync[int]{b, a}, func([]*int) {})
				both := desync.Future2(a, b, func(*int, *int) int { return 0 })
				_ = outer.DoContext(ctx, func(ctx context.Context, _ *int) error { return key.DoContext(ctx, nopContext) })
				if err := a.DoContext(ended, nopContext); !errors.Is(err, context.Canceled) {
					t.Errorf("a call with a context that has ended: %v", err)
				}
				given := a.FutureContext(ended, func(context.Context, *int) (int, error) { return 0, nil })
				resume := a.Suspend()
				b.Async(nop)
				resume()
				if (g+i)%2 == 0 {
					swallow(func() { b.Do(func(*int) { panic("no") }) })
				}
				broken := b.Future(func(*int) int { panic("no") })
				for _, f := range []*futures.Future[int]{future, after, both, given, broken} {
					_, _ = f.Await(ctx)
				}
			}
		})
	}
	all.Wait()
	// What has not ended: an object that is held, with a job behind it, and one of several that lacks it.
	resume := a.Suspend()
	a.Async(nop)
	open := desync.Future2(b, a, func(*int, *int) int { return 0 })
	time.Sleep(time.Millisecond) // how long the object is held, at least
	look()
	resume()
	_, _ = open.Await(ctx)
}

// The trace of what objects do is valid, of all kinds of call, on a clock that goes on and on
// one that stands still, in which everything happens at once.
func TestTraceIsValidOfAllKindsOfCall(t *testing.T) {
	check := func(t *testing.T, s *flight.Snapshot) {
		t.Helper()
		trace := writeTrace(t, s)
		for _, err := range checkTrace(trace) {
			t.Error(err)
		}
		var file struct{ TraceEvents []traceEvent }
		if err := json.Unmarshal(trace, &file); err != nil {
			t.Fatal(err)
		}
		calls := make(map[string]bool)
		for _, e := range file.TraceEvents {
			if e.Ph == "X" {
				calls[fmt.Sprint(e.Args["call"])] = true
			}
		}
		for call := desync.CallAsync; call <= desync.CallSuspend; call++ {
			if !calls[call.String()] {
				t.Errorf("no slice of the call %q: %v", call, calls)
			}
		}
		_, data := dataOf(t, writeHTML(t, s))
		if len(data.Jobs) != len(s.Jobs) || len(s.Jobs) < 100 {
			t.Errorf("the page has %d jobs of %d", len(data.Jobs), len(s.Jobs))
		}
	}
	t.Run("real", func(t *testing.T) {
		r := flight.New()
		play(t, r, 50, func() { check(t, r.Snapshot()) })
	})
	t.Run("bubble", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := flight.New()
			play(t, r, 5, func() { synctest.Wait(); check(t, r.Snapshot()) })
		})
	})
	t.Run("wrapped", func(t *testing.T) {
		r := flight.New(flight.Jobs(256))
		play(t, r, 50, func() {
			for _, err := range checkTrace(writeTrace(t, r.Snapshot())) {
				t.Error(err)
			}
		})
	})
}
