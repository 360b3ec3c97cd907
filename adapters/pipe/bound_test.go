package pipe_test

import (
	"context"
	"math"
	"runtime"
	"runtime/metrics"
	"slices"
	"testing"
	"time"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-desync/go-desync/adapters/internal/bubbles"
	"github.com/go-desync/go-desync/adapters/pipe"
	"github.com/go-desync/go-desync/desync"
)

// pipes are all kinds of pipe, each with one call that runs it to its end on an object.
func pipes[V any]() map[string]func(ctx context.Context, d *desync.Desync[int], m *desync.Map[int, int], src chan V, depth int, job func() error) error {
	ranged := func(stage *pipe.Stage[int]) (err error) {
		for _, e := range stage.All() {
			if e != nil {
				err = e
			}
		}
		return err
	}
	type object = *desync.Desync[int]
	type keys = *desync.Map[int, int]
	zero := func(V) int { return 0 }
	run := func(job func() error) func(context.Context, *int, V) (int, error) {
		return func(context.Context, *int, V) (int, error) { return 0, job() }
	}
	return map[string]func(ctx context.Context, d *desync.Desync[int], m *desync.Map[int, int], src chan V, depth int, job func() error) error{
		"In": func(ctx context.Context, d object, _ keys, src chan V, depth int, job func() error) error {
			r, _ := pipe.In(ctx, d, src, depth, func(context.Context, *int, V) error { return job() }).Await(context.Background())
			return r.Err
		},
		"Through": func(ctx context.Context, d object, _ keys, src chan V, depth int, job func() error) error {
			return ranged(pipe.Through(ctx, d, src, depth, run(job)))
		},
		"ByKey": func(ctx context.Context, _ object, m keys, src chan V, depth int, job func() error) error {
			return ranged(pipe.ByKey(ctx, m, src, zero, depth, run(job)))
		},
		"ByKey, completed": func(ctx context.Context, _ object, m keys, src chan V, depth int, job func() error) error {
			return ranged(pipe.ByKey(ctx, m, src, zero, depth, run(job)).Completed())
		},
		"Chan": func(ctx context.Context, d object, _ keys, src chan V, depth int, job func() error) (err error) {
			for r := range pipe.Through(ctx, d, src, depth, run(job)).Chan(ctx) {
				if r.Err != nil {
					err = r.Err
				}
			}
			return err
		},
	}
}

func ok() error { return nil }

// filled is a channel with n items, closed.
func filled[V any](n int) chan V {
	c := make(chan V, n)
	for range n {
		c <- *new(V)
	}
	close(c)
	return c
}

// A depth is a bound: memory is taken for what is there.
func TestHugeDepth(t *testing.T) {
	for name, run := range pipes[[1000]byte]() {
		for _, depth := range []int{1_000_000, math.MaxInt} {
			t.Run(name, func(t *testing.T) {
				d, m := desync.New(0), desync.NewMap(zero[int])
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				require.NoError(t, run(t.Context(), d, m, filled[[1000]byte](3), depth, ok))
				runtime.ReadMemStats(&after)
				require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20), "bytes for 3 items with a depth of %d", depth)
			})
		}
	}
}

func goroutinesCreated() uint64 {
	s := []metrics.Sample{{Name: "/sched/goroutines-created:goroutines"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

// An object that is idle between two items starts a goroutine for the next one. Here it
// is never idle: it is busy until all items are queued.
func TestNoGoroutineForAnItem(t *testing.T) {
	const n = 10_000
	for name, run := range pipes[int]() {
		t.Run(name, func(t *testing.T) {
			d, m := desync.New(0), desync.NewMap(zero[int])
			hold := make(chan struct{})
			d.Async(func(*int) { <-hold })
			m.At(0).Async(func(*int) { <-hold })
			src := filled[int](n)
			before := goroutinesCreated()
			go func() {
				for len(src) > 0 {
					time.Sleep(time.Millisecond)
				}
				close(hold)
			}()
			require.NoError(t, run(t.Context(), d, m, src, n, ok))
			// An object that stays busy gets another goroutine after some time, but never before
			// 16 jobs, on the slowest machine.
			require.Less(t, goroutinesCreated()-before, uint64(n/16+20), "goroutines for %d items", n)
		})
	}
}

// Pipes that were given up leave nothing of their items, while the object is stuck.
func TestCAN4_GivenUpItemsAreLetGo(t *testing.T) {
	for name, run := range pipes[*[1000]byte]() {
		t.Run(name, func(t *testing.T) {
			d, m := desync.New(0), desync.NewMap(zero[int])
			hold := make(chan struct{})
			defer close(hold)
			d.Async(func(*int) { <-hold })
			m.At(0).Async(func(*int) { <-hold })
			var kept []weak.Pointer[[1000]byte]
			for range 20 {
				src := make(chan *[1000]byte, 2)
				for range cap(src) {
					request := new([1000]byte)
					kept = append(kept, weak.Make(request))
					src <- request
				}
				ctx, cancel := context.WithCancel(t.Context())
				go func() {
					for len(src) > 0 {
						time.Sleep(time.Millisecond)
					}
					cancel()
				}()
				require.ErrorIs(t, run(ctx, d, m, src, 4, ok), desync.ErrNotRun)
			}
			require.Eventually(t, func() bool {
				runtime.GC()
				return !slices.ContainsFunc(kept, func(p weak.Pointer[[1000]byte]) bool { return p.Value() != nil })
			}, 10*time.Second, time.Millisecond, "items are kept")
		})
	}
}

// A stage is a value that may live as long as the process.
func TestSYN3_PipesInBubblesAndOutside(t *testing.T) {
	for name, run := range pipes[int]() {
		t.Run(name, func(t *testing.T) {
			d, m := desync.New(0), desync.NewMap(zero[int])
			bubbles.Try(t, func(t *testing.T) {
				require.NoError(t, run(t.Context(), d, m, filled[int](5), 2, func() error {
					time.Sleep(time.Millisecond)
					return nil
				}))
				ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
				defer cancel()
				require.ErrorIs(t, run(ctx, d, m, make(chan int), 2, ok), context.DeadlineExceeded)
				// The objects are idle when they change sides.
				d.Do(func(*int) {})
				m.Range(func(int, *int) bool { return true })
			})
		})
	}
	d := desync.New(0)
	stage := pipe.Through(context.Background(), d, slices.Values([]int{1, 2, 3}), 2, double)
	bubbles.Try(t, func(t *testing.T) {
		require.Equal(t, []string{"2", "4", "6"}, collect(stage.All()))
		for r := range stage.Chan(t.Context()) {
			require.NoError(t, r.Err)
		}
		d.Do(func(*int) {})
	})
}

// Nor do their places pile up.
func TestCAN4_GivenUpPlacesAreBounded(t *testing.T) {
	d := desync.New(0)
	defer d.Suspend()()
	for range 300 {
		src := make(chan int) // not closed
		ctx, cancel := context.WithCancel(t.Context())
		f := pipe.In(ctx, d, src, 4, func(context.Context, *int, int) error { return nil })
		src <- 1
		src <- 2
		cancel()
		report(t, f)
	}
	require.Less(t, d.Pending(), 20, "places of items that were given up")
}

// What has run is let go, although its result waits or the pipe goes on.
func TestLEAK2_ItemsThatHaveRunAreLetGo(t *testing.T) {
	type item = *[1000]byte
	fill := func(src chan<- item) (kept []weak.Pointer[[1000]byte]) {
		for range cap(src) {
			i := new([1000]byte)
			kept = append(kept, weak.Make(i))
			src <- i
		}
		return kept
	}
	letGo := func(kept []weak.Pointer[[1000]byte]) func() bool {
		return func() bool {
			runtime.GC()
			return !slices.ContainsFunc(kept, func(p weak.Pointer[[1000]byte]) bool { return p.Value() != nil })
		}
	}
	for name, begin := range map[string]func(ctx context.Context, src chan item, ran chan<- struct{}) (end func()){
		"In": func(ctx context.Context, src chan item, ran chan<- struct{}) func() {
			f := pipe.In(ctx, desync.New(0), src, 4, func(context.Context, *int, item) error { ran <- struct{}{}; return nil })
			return func() { <-f.Done() }
		},
		"a stage": func(ctx context.Context, src chan item, ran chan<- struct{}) func() {
			results := pipe.Through(ctx, desync.New(0), src, 4, func(context.Context, *int, item) (int, error) { ran <- struct{}{}; return 0, nil }).Chan(ctx)
			return func() {
				for range results {
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			src, ran := make(chan item, 4), make(chan struct{})
			kept := fill(src)
			end := begin(ctx, src, ran)
			for range kept {
				<-ran
			}
			assert.Eventually(t, letGo(kept), 10*time.Second, time.Millisecond, "items are kept")
			cancel()
			end()
		})
	}
}
