package bounded_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-desync/go-desync/adapters/bounded"
	"github.com/go-desync/go-desync/adapters/internal/bubbles"
	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

func TestFullObjectsThatSubmitToEachOther(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		const size = 3
		roomA, roomB := bounded.New(size), bounded.New(size)
		a, b := desync.New(0), desync.New(0)
		refused := func(*int) { t.Error("a refused job ran") }
		var full, tried sync.WaitGroup
		full.Add(1)
		tried.Add(2)
		var toB, toA error
		// The first job of each submits to the other one; the rest fill both.
		require.NoError(t, roomA.Async(t.Context(), a, 1, func(*int) {
			full.Wait()
			// A context that comes from elsewhere makes no difference.
			toB = roomB.Async(context.Background(), b, 1, refused)
			tried.Done()
			tried.Wait()
		}))
		require.NoError(t, roomB.Async(t.Context(), b, 1, func(*int) {
			full.Wait()
			toA = roomA.Async(t.Context(), a, 1, refused)
			tried.Done()
			tried.Wait()
		}))
		for range size - 1 {
			require.NoError(t, roomA.Async(t.Context(), a, 1, func(n *int) { *n++ }))
			require.NoError(t, roomB.Async(t.Context(), b, 1, func(n *int) { *n++ }))
		}
		full.Done()
		synctest.Wait()
		for _, err := range []error{toB, toA} {
			assert.ErrorIs(t, err, bounded.ErrInJob)
			assert.ErrorIs(t, err, bounded.ErrFull)
			assert.ErrorIs(t, err, desync.ErrNotRun)
			assert.ErrorContains(t, err, "does not wait inside a job")
		}
		assert.Equal(t, size-1, a.Sync(func(n *int) int { return *n }), "runs of the jobs of a behind the one refused")
		assert.Equal(t, size-1, b.Sync(func(n *int) int { return *n }), "runs of the jobs of b behind the one refused")
		checkRoom(t, roomA, size)
		checkRoom(t, roomB, size)
	})
}

// A job is recognized, in whatever way it was handed over.
func TestAsyncInAnyKindOfJobDoesNotWait(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		room, busy := bounded.New(1), desync.New(0)
		empty := fill(t, room, 1, busy)
		d, e := desync.New(0), desync.New(0)
		m := desync.NewMap(func(string) int { return 0 })
		ctx := t.Context()
		job := func(kind string) func(*int) {
			return func(*int) {
				err := room.Async(ctx, busy, 1, func(*int) { t.Error("a refused job ran") })
				assert.ErrorIs(t, err, bounded.ErrInJob, "in a job of %s", kind)
			}
		}
		jobContext := func(kind string) func(context.Context, *int) (int, error) {
			return func(_ context.Context, n *int) (int, error) { job(kind)(n); return 0, nil }
		}

		d.Async(job("Async"))
		d.Do(job("Do"))
		d.Sync(func(n *int) int { job("Sync")(n); return 0 })
		d.TryDo(job("TryDo"))
		d.Future(func(n *int) int { job("Future")(n); return 0 })
		_, _ = d.SyncContext(ctx, jobContext("SyncContext"))
		d.FutureContext(ctx, jobContext("FutureContext"))
		d.After(futures.Resolved(0), func(n *int, _ int, _ error) int { job("After")(n); return 0 })
		var later futures.Promise[int]
		d.After(later.Future(), func(n *int, _ int, _ error) int { job("After, held")(n); return 0 })
		later.Resolve(0)
		desync.Sync2(d, e, func(n, _ *int) int { job("Sync2")(n); return 0 })
		desync.DoAll([]*desync.Desync[int]{d, e}, func(all []*int) { job("DoAll")(all[0]) })
		m.At("a").Async(job("Key.Async"))
		m.At("a").Do(job("Key.Do"))
		m.Range(func(_ string, n *int) bool { job("Map.Range")(n); return true })

		// A Do that helps runs the job of somebody else.
		for range 100 {
			e.Async(job("Async, helped"))
		}
		e.Do(func(*int) {})

		// Deep inside.
		d.Do(func(n *int) { deep(1000, func() { job("Do, deep inside")(n) }) })

		empty()
		synctest.Wait()
		checkRoom(t, room, 1)
	})
}

func deep(levels int, f func()) {
	if levels == 0 {
		f()
		return
	}
	deep(levels-1, f)
}

func TestAsyncInAJobTakesRoomThatThereIs(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		room, a, b := bounded.New(2), desync.New(0), desync.New(0)
		require.NoError(t, room.Async(t.Context(), a, 1, func(*int) {
			assert.NoError(t, room.Async(t.Context(), b, 1, func(n *int) { *n++ }))
		}))
		synctest.Wait()
		assert.Equal(t, 1, b.Sync(func(n *int) int { return *n }), "runs of the inner job")
		checkRoom(t, room, 2)
	})
}

// What a job has started may wait: it holds nothing.
func TestAsyncOnAGoroutineOfAJobWaits(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		room, d := bounded.New(1), desync.New(0)
		done := make(chan error, 1)
		require.NoError(t, room.Async(t.Context(), d, 1, func(*int) {
			go func() { done <- room.Async(t.Context(), d, 1, func(n *int) { *n++ }) }()
		}))
		assert.NoError(t, <-done)
		assert.Equal(t, 1, d.Sync(func(n *int) int { return *n }), "runs of the job that waited")
		checkRoom(t, room, 1)
	})
}
