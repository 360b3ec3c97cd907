package bounded_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-desync/go-desync/adapters/bounded"
	"github.com/go-desync/go-desync/adapters/internal/bubbles"
	"github.com/go-desync/go-desync/adapters/internal/misuse"
	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

func TestPermitIsReleasedOnce(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		b := bounded.New(4)
		p, err := b.Acquire(t.Context(), 3)
		require.NoError(t, err)
		assert.ErrorIs(t, second(b.TryAcquire(2)), bounded.ErrFull)
		var all sync.WaitGroup
		for range 10 {
			all.Go(p.Release)
		}
		all.Wait()
		checkRoom(t, b, 4)
		assert.ErrorIs(t, p.Async(desync.New(0), func(*int) { t.Error("it ran") }), bounded.ErrReleased)
	})
}

func TestPermitHoldsItsRoomForItsJobs(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		b := bounded.New(3)
		m := desync.NewMap(func(int) int { return 0 })
		p, err := b.Acquire(t.Context(), 3)
		require.NoError(t, err)
		resume := m.At(1).Suspend()
		for key := range 3 {
			require.NoError(t, p.Async(m.At(key), func(n *int) { *n++ }))
		}
		p.Release()
		synctest.Wait()
		assert.ErrorIs(t, b.TryAsync(m.At(0), 1, func(*int) {}), bounded.ErrFull, "one job has not ended")
		resume()
		synctest.Wait()
		checkRoom(t, b, 3)
		for key := range 3 {
			assert.Equal(t, 1, m.At(key).Sync(func(n *int) int { return *n }))
		}
	})
}

func TestPermitWhoseJobsAreTakenBack(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		b, d := bounded.New(3), desync.New(0)
		resume := d.Suspend()
		p, err := b.Acquire(t.Context(), 3)
		require.NoError(t, err)
		require.NoError(t, p.Async(d, func(*int) { t.Error("it ran") }))
		p.Release()
		assert.Len(t, b.TakeBack(), 1)
		resume()
		require.NoError(t, b.Wait(t.Context()))
		checkRoom(t, b, 3)
	})
}

func TestPermitForSync2(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		b, x, y := bounded.New(1), desync.New(1), desync.New(2)
		for range 2 {
			func() {
				defer func() { recover() }()
				p, err := b.Acquire(t.Context(), 1)
				require.NoError(t, err)
				defer p.Release()
				desync.Sync2(x, y, func(x, y *int) int { *x, *y = *y, *x; panic("no") })
			}()
		}
		checkRoom(t, b, 1)
	})
}

func TestAcquireInAJobDoesNotWait(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		b, d := bounded.New(1), desync.New(0)
		require.NoError(t, b.TryAsync(d, 1, func(*int) {
			_, err := b.Acquire(context.Background(), 1)
			assert.ErrorIs(t, err, bounded.ErrInJob)
			assert.ErrorIs(t, err, bounded.ErrFull)
			//desyncvet:ignore selfwait it is refused, since there is no room
			_, err = b.Future(context.Background(), d, 1, func(context.Context, *int) (int, error) { return 0, nil }).Await(context.Background())
			assert.ErrorIs(t, err, bounded.ErrInJob)
		}))
		require.NoError(t, b.Wait(t.Context()))
	})
}

func TestSetSize(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		b, d := bounded.New(2), desync.New(0)
		empty := fill(t, b, 2, d)
		results := make(chan error, 3)
		for _, weight := range []int64{2, 1, 1} {
			go func() { results <- b.Async(t.Context(), d, weight, func(n *int) { *n++ }) }()
			synctest.Wait()
		}
		b.SetSize(1)
		synctest.Wait()
		require.Len(t, results, 1, "the one that is too heavy now")
		assert.ErrorIs(t, <-results, bounded.ErrTooHeavy)
		b.SetSize(4)
		synctest.Wait()
		require.Len(t, results, 2)
		b.SetSize(3)
		assert.ErrorIs(t, b.TryAsync(d, 1, func(*int) {}), bounded.ErrFull)
		empty()
		require.NoError(t, b.Wait(t.Context()))
		checkRoom(t, b, 3)
		assert.Equal(t, 2, d.Sync(func(n *int) int { return *n }))
	})
}

func TestMaxWaiting(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		b, d := bounded.New(1, bounded.MaxWaiting(2)), desync.New(0)
		empty := fill(t, b, 1, d)
		results := make(chan error, 5)
		for range 5 {
			go func() { results <- b.Async(t.Context(), d, 1, func(n *int) { *n++ }) }()
			synctest.Wait()
		}
		require.Len(t, results, 3)
		for range 3 {
			assert.ErrorIs(t, <-results, bounded.ErrFull)
		}
		empty()
		require.NoError(t, b.Wait(t.Context()))
		assert.Equal(t, 2, d.Sync(func(n *int) int { return *n }))
		none := bounded.New(1, bounded.MaxWaiting(0))
		p, err := none.Acquire(t.Context(), 1)
		require.NoError(t, err)
		assert.ErrorIs(t, second(none.Acquire(t.Context(), 1)), bounded.ErrFull)
		p.Release()
	})
}

func TestFutureOfABound(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		b, d := bounded.New(2), desync.New(20)
		v, err := b.Future(t.Context(), d, 1, func(_ context.Context, n *int) (int, error) { return *n + 1, nil }).Await(t.Context())
		assert.NoError(t, err)
		assert.Equal(t, 21, v)
		_, err = b.Future(t.Context(), d, 1, func(context.Context, *int) (int, error) { panic("no") }).Await(t.Context())
		_, ok := errors.AsType[*futures.PanicError](err)
		assert.True(t, ok)
		// CAN-1: its context ends before its turn, on an object that is busy for long.
		empty := fill(t, b, 1, d)
		cause := errors.New("over")
		ctx, cancel := context.WithCancelCause(t.Context())
		f := b.Future(ctx, d, 1, func(context.Context, *int) (int, error) { t.Error("it ran"); return 0, nil })
		cancel(cause)
		_, err = f.Await(t.Context())
		assert.ErrorIs(t, err, cause)
		assert.ErrorIs(t, err, desync.ErrNotRun)
		assert.NoError(t, second(b.TryAcquire(1)), "its room is free")
		empty()
	})
}

func TestBadSizesAndNil(t *testing.T) {
	b, d := bounded.New(1), desync.New(0)
	misuse.Check(t, "bounded", map[string]func(){
		"New":           func() { bounded.New(0) },
		"SetSize 0":     func() { b.SetSize(0) },
		"SetSize -1":    func() { b.SetSize(-1) },
		"MaxWaiting":    func() { bounded.MaxWaiting(-1) },
		"Acquire 0":     func() { b.Acquire(t.Context(), 0) },
		"Acquire nil":   func() { b.Acquire(nil, 1) },
		"TryAcquire":    func() { b.TryAcquire(-5) },
		"Submit nil":    func() { b.Submit[int](t.Context(), d, 1, nil) },
		"Submit weight": func() { b.Submit(t.Context(), d, 0, new(job)) },
		"Future nil":    func() { b.Future[int, int](t.Context(), d, 1, nil) },
		"Close":         func() { b.Close(nil) },
		"Wait":          func() { b.Wait(nil) },
		"a key that is not itself": func() {
			b.TryAsync(desync.NewMap(func(any) int { return 0 }).At([]int{}), 1, func(*int) {}) // it has no hash
		},
	})
	p, err := b.Acquire(t.Context(), 1)
	require.NoError(t, err)
	misuse.Check(t, "bounded", map[string]func(){
		"Permit.Async object": func() { p.Async[int](nil, func(*int) {}) },
		"Permit.Async job":    func() { p.Async[int](d, nil) },
	})
	p.Release()
	checkRoom(t, b, 1)
}
