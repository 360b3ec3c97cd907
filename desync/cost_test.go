//go:build !race && !desyncdebug

package desync_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/desync"
)

// These tests are for normal builds alone: the race detector, and the watching of
// waits that it and desyncdebug switch on, allocate on their own.

func wantAllocs(t *testing.T, call string, want float64, fn func()) {
	t.Helper()
	if got := testing.AllocsPerRun(2000, fn); got != want {
		t.Errorf("%s makes %v allocations; want %v", call, got, want)
	}
}

func TestCostOnAnIdleObject(t *testing.T) {
	var d desync.Desync[int]
	n, sum := 3, 0 // captured, so that the closures are not constants
	wantAllocs(t, "Do", 0, func() { d.Do(func(v *int) { *v += n; sum++ }) })
	wantAllocs(t, "Sync", 0, func() { sum += d.Sync(func(v *int) int { return *v + n }) })
	wantAllocs(t, "TryDo", 0, func() { d.TryDo(func(v *int) { *v += n; sum++ }) })
	wantAllocs(t, "TrySync", 0, func() {
		if got, ok := d.TrySync(func(v *int) int { return *v + n }); ok {
			sum += got
		}
	})
}

func TestCostOnABusyObject(t *testing.T) {
	var d desync.Desync[int]
	n := 3
	job := func(v *int) { *v += n }
	await := func() { d.Do(job) }

	wantAllocs(t, "Async of one function, with a Do behind it", 0, func() { d.Async(job); await() })
	wantAllocs(t, "Async of a new closure", 1, func() { m := n; d.Async(func(v *int) { *v += m }); await() })
	wantAllocs(t, "a hundred times Async", 0, func() {
		for range 100 {
			d.Async(job)
		}
		await()
	})
	result := func(v *int) int { return *v }
	wantAllocs(t, "Future", 1, func() { d.Future(result); await() })

	d.Do(func(*int) {
		wantAllocs(t, "a refused TryDo", 0, func() { d.TryDo(job) })
		wantAllocs(t, "a refused TrySync", 0, func() { d.TrySync(result) })
	})
}

// A drainer that was overtaken is still on its way for the next job: none is made in
// its place, also when one was overtaken and has begun long ago.
func TestCostOfOvertakenDrainers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d desync.Desync[int]
		n := 3
		job := func(v *int) { *v += n }
		for range 3 {
			wantAllocs(t, "a hundred times Async and Do", 0, func() {
				for range 100 {
					d.Async(job)
					d.Do(job)
				}
			})
			time.Sleep(time.Hour) // of the bubble: all drainers begin
		}
	})
}

// A Do that waits for another goroutine's job.
func TestCostOfAWaitingDo(t *testing.T) {
	var d desync.Desync[int]
	n := 3
	job := func(v *int) { *v += n }
	hold, held := make(chan int), make(chan int)
	defer close(hold)
	go func() {
		for range hold {
			d.Do(func(*int) {
				held <- 0
				for d.Pending() < 2 {
					runtime.Gosched()
				}
			})
		}
	}()
	wantAllocs(t, "a Do that waits", 0, func() {
		hold <- 0
		<-held
		d.Do(job)
	})
}

func TestCostOfSeveral(t *testing.T) {
	a, b := desync.New(0), desync.New("")
	n := 3
	wantAllocs(t, "Sync2 on idle objects", 0, func() {
		n = desync.Sync2(a, b, func(v *int, s *string) int { *v += n; return len(*s) })
	})
	c := desync.New(0)
	wantAllocs(t, "Sync3 on idle objects", 0, func() {
		n = desync.Sync3(a, b, c, func(v *int, s *string, w *int) int { *v += n; return len(*s) + *w })
	})
	ctx := context.Background()
	wantAllocs(t, "Sync2Context on idle objects", 1, func() {
		n, _ = desync.Sync2Context(ctx, a, b, func(_ context.Context, v *int, s *string) (int, error) { *v += n; return len(*s), nil })
	})
	objects := make([]*desync.Desync[int], 8)
	for i := range objects {
		objects[i] = desync.New(i)
	}
	for _, m := range []int{0, 1, 2, 8} {
		wantAllocs(t, fmt.Sprint("DoAll on ", m, " idle objects"), 0, func() {
			desync.DoAll(objects[:m], func(data []*int) { n += len(data) })
		})
	}
	for m, want := range map[int]float64{1: 1, 2: 1, 8: 2} { // the context, and its list of objects
		wantAllocs(t, fmt.Sprint("DoAllContext on ", m, " idle objects"), want, func() {
			desync.DoAllContext(ctx, objects[:m], func(_ context.Context, data []*int) error { n += len(data); return nil })
		})
	}
	m := desync.NewMap(func(int) int { return 0 })
	m.At(1).Do(func(*int) {})
	m.At(2).Do(func(*int) {})
	wantAllocs(t, "Sync2 on idle keys", 0, func() {
		n = desync.Sync2(m.At(1), m.At(2), func(v, w *int) int { *v += n; return *w })
	})
	wantAllocs(t, "Sync2 on a key and an object", 0, func() {
		n = desync.Sync2(m.At(1), a, func(v, w *int) int { *v += n; return *w })
	})
	wantAllocs(t, "Sync3 on keys and an object", 0, func() {
		n = desync.Sync3(m.At(1), a, m.At(2), func(v, w, x *int) int { *v += n; return *w + *x })
	})
	wantAllocs(t, "Sync2Context on idle keys", 1, func() {
		n, _ = desync.Sync2Context(ctx, m.At(1), m.At(2), func(_ context.Context, v, w *int) (int, error) { *v += n; return *w, nil })
	})
	keys := []desync.Key[int, int]{m.At(1), m.At(2)}
	wantAllocs(t, "DoAll on idle keys", 0, func() {
		desync.DoAll(keys, func(data []*int) { n += len(data) })
	})
}

func TestCostOfAnyObject(t *testing.T) {
	m := desync.NewMap(func(int) int { return 0 })
	m.At(1).Do(func(*int) {})
	n := 3
	for name, o := range map[string]desync.Object[int]{"an object": desync.New(0), "a key": m.At(1)} {
		wantAllocs(t, "Sync1 on "+name, 0, func() {
			n = desync.Sync1(o, func(v *int) int { *v += n; return *v })
		})
	}
	wantAllocs(t, "TryDo on a key", 0, func() { m.At(1).TryDo(func(v *int) { *v += n; n++ }) })
}
