package desync_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/desync"
)

// Many keys are evicted while others arrive: each value is given to the hook once, with what
// its jobs have left. A million of them pass too, but take their time on a busy machine.
func TestKEY3_EvictionsBesideArrivals(t *testing.T) {
	keys := scaled(250_000)
	const arriving = 4
	var made, gone, sum atomic.Int64
	first := make(chan struct{}) // eviction
	m := desync.NewMap(func(key int) int { made.Add(1); return 0 })
	m.OnRemove(func(key int, n *int) error {
		if gone.Add(1) == 1 {
			close(first)
		}
		sum.Add(int64(*n))
		return nil
	}, func(int, error) {})
	m.EvictIdle(time.Millisecond)
	var all sync.WaitGroup
	for a := range arriving {
		all.Go(func() {
			for i := range keys / arriving {
				if i == keys/arriving/2 {
					<-first
				}
				m.At(a + arriving*i).Do(func(n *int) { *n++ })
			}
		})
	}
	all.Wait()
	eventually(t, func() bool { return m.Len() == 0 }, "KEY-3: all keys are evicted")
	want := int64(keys / arriving * arriving)
	if made.Load() != gone.Load() || sum.Load() != want {
		t.Errorf("KEY-1: %d values were made, %d given to the hook, with %d jobs; want all, with %d", made.Load(), gone.Load(), sum.Load(), want)
	}
	wantNoDrainer(t)
}

// A key that cannot be hashed, in each call that takes one.
func TestMapKeysThatCannotBeHashed(t *testing.T) {
	type key = desync.Key[any, int]
	m := zeros[any]()
	bad := m.At(func() {})
	for name, call := range map[string]func(){
		"Delete":             func() { m.Delete([]int{1}) },
		"DoIfPresent":        func() { bad.DoIfPresent(func(*int) {}) },
		"AsyncIfPresent":     func() { bad.AsyncIfPresent(func(*int) {}) },
		"FutureIfPresent":    func() { bad.FutureIfPresent(func(*int) int { return 0 }) },
		"DoContextIfPresent": func() { bad.DoContextIfPresent(t.Context(), func(context.Context, *int) error { return nil }) },
		"DeleteIf":           func() { bad.DeleteIf(func(*int) bool { return true }) },
		//desyncvet:ignore dropped it panics
		"Suspend": func() { bad.Suspend() },
		"Pending": func() { bad.Pending() },
		"Submit":  func() { bad.Submit(endedJob{func(*int) {}, make(chan error, 1)}) },
		"DoAll":   func() { desync.DoAll([]key{m.At(1), bad}, func([]*int) {}) },
		"Sync2":   func() { desync.Sync2(m.At(1), bad, func(_, _ *int) int { return 0 }) },
	} {
		if got := fmt.Sprint(caught(call)); !strings.Contains(got, "uncomparable type") && !strings.Contains(got, "unhashable type") {
			t.Errorf("%s: the panic is %s; want the runtime's, which names the type", name, got)
		}
		wantLen(t, m, 0, name+": after the panic")
	}
	m.At(1).Do(func(*int) {})
	wantLen(t, m, 1, "neighbours go on")
}

// A constructor that uses its map: other keys in any way, its own by what does not wait.
func TestKEY2_AConstructorUsesTheMap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m *desync.Map[int, int]
		m = desync.NewMapContext(func(ctx context.Context, key int) (int, error) {
			if key == 0 {
				return 0, nil
			}
			m.At(key).Async(func(n *int) { *n *= 10 })
			m.Delete(key + 100)
			return m.At(key-1).SyncContext(ctx, func(_ context.Context, n *int) (int, error) { return *n + 1, nil })
		}, func(key int, err error) { t.Error(key, err) })
		// What a constructor has queued for its key runs behind the job that made the value.
		if got := m.At(3).Sync(func(n *int) int { return *n }); got != 3 {
			t.Errorf("the first job finds %d; want 3", got)
		}
		synctest.Wait()
		for key, want := range []int{0, 10, 20, 30} {
			if got := m.At(key).Sync(func(n *int) int { return *n }); got != want {
				t.Errorf("the value of %d is %d; want %d", key, got, want)
			}
		}
	})
}

// No goroutine is left, and all goes on, after hooks, handlers and constructors have failed in
// all ways while calls of all kinds were made.
func TestPAN6_AllFailAtOnce(t *testing.T) {
	setProcs(t, 4)
	const keys = 5
	var seq, told atomic.Int64
	fail := func() error {
		switch seq.Add(1) % 7 {
		case 0:
			return errLoad
		case 1:
			panic("a boom")
		}
		return nil
	}
	m := desync.NewMapContext(func(context.Context, string) (int, error) { return 0, fail() },
		func(string, error) { told.Add(1) },
		desync.WithPanicHandler(func(*desync.PanicError) { told.Add(1) }))
	m.OnRemove(func(string, *int) error { return fail() }, func(string, error) { told.Add(1) })
	m.EvictIdle(time.Microsecond)
	calls := makingCalls()
	var all sync.WaitGroup
	for g := range 4 {
		all.Go(func() {
			for i := range scaled(20_000) {
				k := m.At(fmt.Sprint((g + i) % keys))
				byPanic(func() { calls[i%len(calls)].call(t.Context(), k, func(n *int) { *n++ }) })
				switch i % 5 {
				case 0:
					k.Async(func(n *int) { *n++ })
				case 1:
					m.Delete(fmt.Sprint(i % keys))
				case 2:
					byPanic(func() { k.DeleteIf(func(*int) bool { return i%3 == 0 }) })
				case 3:
					m.EvictIdle(time.Duration(i % 3))
				}
				if i%50 == 0 {
					runtime.Gosched()
				}
			}
		})
	}
	all.Wait()
	if err := m.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	m.OnRemove(func(string, *int) error { return nil }, func(string, error) {})
	m.EvictIdle(time.Millisecond)
	for m.Len() > 0 { // not by waiting for pauses to end
		for key := range m.Keys() {
			m.At(key).DeleteIf(func(*int) bool { return true })
		}
	}
	wantNoDrainer(t)
	if told.Load() == 0 {
		t.Error("nothing has failed; the test shows nothing")
	}
}
