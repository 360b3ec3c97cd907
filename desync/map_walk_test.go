package desync_test

import (
	"context"
	"errors"
	"maps"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/go-desync/go-desync/desync"
)

func TestMapRange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := zeros[int]()
		want := make(map[int]int)
		for i := range 100 {
			m.At(i).Do(func(v *int) { *v = i * i })
			want[i] = i * i
		}
		gate := make(chan struct{})
		m.At(7).Async(func(v *int) { <-gate; *v = -1 })
		m.At(1000).Async(func(*int) { <-gate })
		m.Delete(1000)
		want[7] = -1
		var got map[int]int
		over := make(chan struct{})
		go func() {
			defer close(over)
			got = look(m)
		}()
		synctest.Wait()
		select {
		case <-over:
			t.Error("Range has not waited for the turn of a busy key")
		default:
		}
		close(gate)
		<-over
		if !maps.Equal(got, want) {
			t.Errorf("Range visits %v; want %v", got, want)
		}

		visits := 0
		m.Range(func(int, *int) bool { visits++; return visits < 3 })
		if visits != 3 {
			t.Errorf("Range visits %d keys when the third visit returns false; want 3", visits)
		}
		if v := caught(func() { m.Range(func(int, *int) bool { panic("a boom") }) }); v != "a boom" {
			t.Errorf("PAN-1: a panic in Range's function is %v for the caller", v)
		}
		for key := range want {
			m.Delete(key)
		}
		synctest.Wait()
		wantLen(t, m, 0, "after a Delete of each key; a visit has left a pin")
	})
}

func TestMapRangeWhileKeysComeAndGo(t *testing.T) {
	m := zeros[int]()
	const stay, keys = 20, 40
	for key := range stay {
		m.At(key).Do(func(v *int) { *v = key })
	}
	stop := make(chan struct{})
	var all sync.WaitGroup
	for g := range 3 {
		all.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				key := stay + (i+g)%(keys-stay)
				m.At(key).Do(func(v *int) { *v = key })
				m.Delete(key)
			}
		})
	}
	for range scaled(2000) {
		seen := make(map[int]bool)
		m.Range(func(key int, v *int) bool {
			if *v != key || seen[key] {
				t.Errorf("KEY-1: Range visits key %d with the value %d, the first time: %v; want its own value, once", key, *v, !seen[key])
			}
			seen[key] = true
			return true
		})
		for key := range stay {
			if !seen[key] {
				t.Errorf("Range has not visited key %d, which was there all the time", key)
			}
		}
	}
	close(stop)
	all.Wait()
	if err := m.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool { return m.Len() == stay }, "all other keys have left the map")
}

func TestMapWaitSeesAllThatWasAcceptedBefore(t *testing.T) {
	m := zeros[int]()
	var ended atomic.Int64
	count := func(*int) { ended.Add(1) }
	handed := int64(0)
	for round := range scaled(1000) {
		for i, k := range mapKinds[int, int]()[:3] {
			for key := range 5 {
				k.call(m, context.Background(), key+5*(i%2), count)
				handed++
				if (round+key)%3 == 0 {
					m.Delete(key)
				}
			}
		}
		if err := m.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := ended.Load(); got != handed {
			t.Fatalf("Wait has returned with %d of %d jobs ended", got, handed)
		}
	}
}

func TestMapWaitInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := zeros[string]()
		waiting := func(ctx context.Context) <-chan error {
			c := make(chan error, 1)
			go func() { c <- m.Wait(ctx) }()
			synctest.Wait()
			return c
		}
		returned := func(c <-chan error) (error, bool) {
			select {
			case err := <-c:
				return err, true
			default:
				return nil, false
			}
		}
		if err, ok := returned(waiting(t.Context())); !ok || err != nil {
			t.Errorf("Wait of an empty map: %v, returned %v; want nil, at once", err, ok)
		}

		first, second := make(chan struct{}), make(chan struct{})
		m.At("a").Async(func(*int) {
			<-first
			m.At("a").Async(func(*int) { <-second }) // handed over by a job: not waited for
		})
		m.At("b").Do(func(*int) {})
		reason := errors.New("a reason")
		ctx, cancel := context.WithCancelCause(t.Context())
		all, given := waiting(t.Context()), waiting(ctx)
		if _, ok := returned(all); ok {
			t.Error("Wait has returned while a job runs")
		}
		m.At("b").Async(func(*int) { <-second }) // later than the call: not waited for
		cancel(reason)
		synctest.Wait()
		err, ok := returned(given)
		if !ok || !errors.Is(err, context.Canceled) || !errors.Is(err, reason) || errors.Is(err, desync.ErrNotRun) {
			t.Errorf("Wait whose context has ended: %v, returned %v; want an error that matches ctx.Err and the cause", err, ok)
		}
		close(first)
		synctest.Wait()
		if err, ok := returned(all); !ok || err != nil {
			t.Errorf("Wait: %v, returned %v; want nil when the jobs accepted before it have ended", err, ok)
		}
		close(second)
		synctest.Wait()

		// Nothing is pending: the context does not matter.
		for range 100 {
			if err := m.Wait(ctx); err != nil {
				t.Fatalf("Wait with nothing pending and a context that has ended: %v; want nil, always", err)
			}
		}
		m.Delete("a")
		m.Delete("b")
		synctest.Wait()
		wantLen(t, m, 0, "after all; a Wait has left a pin")
	})
}
