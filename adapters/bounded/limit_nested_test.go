package bounded_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-desync/go-desync/adapters/bounded"
	"github.com/go-desync/go-desync/adapters/internal/bubbles"
	"github.com/go-desync/go-desync/desync"
)

func TestNestedJobsOfALimitOfOne(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		l := bounded.NewLimit(1)
		m := desync.NewMap(func(int) int { return 0 })
		var nest func(ctx context.Context, depth int) error
		nest = func(ctx context.Context, depth int) error {
			return l.Do(ctx, m.At(depth), func(ctx context.Context, n *int) error {
				if *n++; depth == 0 {
					return nil
				}
				return nest(ctx, depth-1)
			})
		}
		require.NoError(t, nest(t.Context(), 10))
		require.NoError(t, l.Async(t.Context(), m.At(20), func(ctx context.Context, _ *int) {
			assert.NoError(t, nest(ctx, 10), "in a job in the background")
		}))
		require.NoError(t, l.Wait(t.Context()))
		for key := range 11 {
			assert.Equal(t, 2, m.At(key).Sync(func(n *int) int { return *n }))
		}
	})
}

// A nested job has others of the limit before it, which wait for a place: they run in the place
// of the job that waits for all of them.
func TestANestedJobBehindJobsThatWaitForThePlace(t *testing.T) {
	for _, first := range []string{"Async", "Do"} {
		bubbles.Run(t, func(t *testing.T) {
			l, outer, d := bounded.NewLimit(1), desync.New(0), desync.New([]int(nil))
			add := func(v int) func(context.Context, *[]int) error {
				return func(_ context.Context, got *[]int) error { *got = append(*got, v); return nil }
			}
			gate := make(chan struct{})
			require.NoError(t, l.Async(t.Context(), outer, func(ctx context.Context, _ *int) {
				<-gate
				assert.NoError(t, l.Do(ctx, d, add(3)))
			}))
			synctest.Wait()
			for v := range 3 {
				if first == "Do" {
					go func() { assert.NoError(t, l.Do(t.Context(), d, add(v))) }()
				} else {
					require.NoError(t, l.Async(t.Context(), d, func(ctx context.Context, got *[]int) { add(v)(ctx, got) }))
				}
				synctest.Wait()
			}
			close(gate)
			require.NoError(t, l.Wait(t.Context()))
			assert.Equal(t, []int{0, 1, 2, 3}, d.Sync(func(got *[]int) []int { return *got }), first)
		})
	}
}

func TestNestedJobsSideBySideTakeTurnsInOnePlace(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		l := bounded.NewLimit(1)
		m := desync.NewMap(func(int) int { return 0 })
		var running atomic.Int64
		err := l.Do(t.Context(), m.At(-1), func(ctx context.Context, _ *int) error {
			var all sync.WaitGroup
			for key := range 8 {
				all.Go(func() {
					assert.NoError(t, l.Do(ctx, m.At(key), func(context.Context, *int) error {
						assert.EqualValues(t, 1, running.Add(1), "inner jobs that run at once")
						runtime.Gosched()
						running.Add(-1)
						return nil
					}))
				})
			}
			all.Wait()
			return nil
		})
		assert.NoError(t, err)
	})
}

func TestNestedWithoutTheContextIsAnError(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		l, d, e := bounded.NewLimit(1), desync.New(0), desync.New(0)
		refused := func(context.Context, *int) error { t.Error("a refused job ran"); return nil }
		check := func(err error) {
			assert.ErrorIs(t, err, bounded.ErrInJob)
			assert.ErrorIs(t, err, desync.ErrNotRun)
			assert.ErrorContains(t, err, "pass on the context")
		}
		require.NoError(t, l.Do(t.Context(), d, func(context.Context, *int) error {
			check(l.Do(t.Context(), e, refused))
			return nil
		}))
		// In a job that is not of the limit, too.
		release := hold(t, l, d)
		e.Do(func(*int) { check(l.Do(t.Context(), desync.New(0), refused)) })
		release()
		require.NoError(t, l.Wait(t.Context()))
		// But not if there is a place.
		e.Do(func(*int) {
			assert.NoError(t, l.Do(t.Context(), d, func(context.Context, *int) error { return nil }))
		})
	})
}

func TestNST3_OwnObjectAlongTheContext(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		l, d, e := bounded.NewLimit(2), desync.New(0), desync.New(0)
		none := func(context.Context, *int) error { t.Error("it ran"); return nil }
		deadlock := func(err error) {
			_, ok := errors.AsType[*desync.DeadlockError](err)
			assert.True(t, ok, "the error is %v", err)
		}
		require.NoError(t, l.Do(t.Context(), d, func(ctx context.Context, _ *int) error {
			deadlock(l.Do(ctx, d, none))
			deadlock(d.DoContext(ctx, none))
			return l.Do(ctx, e, func(ctx context.Context, _ *int) error { deadlock(l.Do(ctx, d, none)); return nil })
		}))
		require.NoError(t, l.Async(t.Context(), d, func(ctx context.Context, _ *int) { deadlock(l.Do(ctx, d, none)) }))
		require.NoError(t, l.Wait(t.Context()))
	})
}

// After Close a job that runs may still wait for inner jobs.
func TestCloseOfALimitWithNestedJobs(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		l, d, e := bounded.NewLimit(1), desync.New(0), desync.New(0)
		gate := make(chan struct{})
		require.NoError(t, l.Async(t.Context(), d, func(ctx context.Context, _ *int) {
			<-gate
			assert.NoError(t, l.Do(ctx, e, func(_ context.Context, n *int) error { *n++; return nil }))
		}))
		closed := make(chan error, 1)
		go func() { closed <- l.Close(t.Context()) }()
		synctest.Wait()
		close(gate)
		assert.NoError(t, <-closed)
		assert.Equal(t, 1, e.Sync(func(n *int) int { return *n }))
	})
}
