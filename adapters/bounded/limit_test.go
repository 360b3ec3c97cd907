package bounded_test

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-desync/go-desync/adapters/bounded"
	"github.com/go-desync/go-desync/adapters/internal/bubbles"
	"github.com/go-desync/go-desync/desync"
)

// hold takes a place of the limit on d until release is called.
func hold(t *testing.T, l *bounded.Limit, d *desync.Desync[int]) (release func()) {
	t.Helper()
	started, gate := make(chan struct{}), make(chan struct{})
	require.NoError(t, l.Async(t.Context(), d, func(context.Context, *int) { close(started); <-gate }))
	<-started
	return func() { close(gate) }
}

func TestLimitOfJobsThatRun(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		l := bounded.NewLimit(3)
		m := desync.NewMap(func(int) int { return 0 })
		var running, most, ran atomic.Int64
		gate := make(chan struct{})
		for key := range 20 {
			require.NoError(t, l.Async(t.Context(), m.At(key), func(context.Context, *int) {
				most.Store(max(most.Load(), running.Add(1)))
				<-gate
				running.Add(-1)
				ran.Add(1)
			}))
		}
		synctest.Wait()
		assert.EqualValues(t, 3, running.Load(), "jobs that run at once")
		close(gate)
		assert.NoError(t, l.Wait(t.Context()))
		assert.EqualValues(t, 3, most.Load(), "most jobs that ran at once")
		assert.EqualValues(t, 20, ran.Load())
	})
}

func TestAJobThatWaitsForTheLimitHoldsNoObject(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		l, busy, d := bounded.NewLimit(1), desync.New(0), desync.New(0)
		release := hold(t, l, busy)
		require.NoError(t, l.Async(t.Context(), d, func(_ context.Context, n *int) { *n *= 10 }))
		called := make(chan error, 1)
		go func() {
			called <- l.Do(t.Context(), d, func(_ context.Context, n *int) error { *n += 5; return nil })
		}()
		synctest.Wait()
		d.Do(func(n *int) { *n++ }) // does not wait
		release()
		assert.NoError(t, <-called)
		assert.Equal(t, 15, d.Sync(func(n *int) int { return *n }), "the jobs of the limit run in order, after the other one")
	})
}

// A place in the limit is not kept for a job that waits for its object.
func TestAJobThatWaitsForItsObjectTakesNoPlace(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		l, d, other := bounded.NewLimit(1), desync.New(0), desync.New(0)
		resume := d.Suspend()
		require.NoError(t, l.Async(t.Context(), d, func(_ context.Context, n *int) { *n++ }))
		go func() {
			assert.NoError(t, l.Do(t.Context(), d, func(_ context.Context, n *int) error { *n++; return nil }))
		}()
		synctest.Wait()
		assert.NoError(t, l.Do(t.Context(), other, func(context.Context, *int) error { return nil }))
		resume()
		assert.NoError(t, l.Wait(t.Context()))
		assert.Equal(t, 2, d.Sync(func(n *int) int { return *n }))
	})
}

func TestCAN1_JobsOfALimitWhoseContextEnds(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		l, busy, d := bounded.NewLimit(1), desync.New(0), desync.New([]int(nil))
		release := hold(t, l, busy)
		cause := errors.New("over")
		ctx, cancel := context.WithCancelCause(t.Context())
		never := func(context.Context, *[]int) error { t.Error("it ran"); return nil }
		called := make(chan error, 1)
		go func() { called <- l.Do(ctx, d, never) }()
		synctest.Wait()
		f := l.Future(ctx, d, func(ctx context.Context, got *[]int) (int, error) { return 0, never(ctx, got) })
		behind := l.Future(t.Context(), d, func(context.Context, *[]int) (int, error) { return 7, nil })
		cancel(cause)
		_, err := f.Await(t.Context())
		for _, err := range []error{err, <-called, l.Do(ctx, d, never)} {
			assert.ErrorIs(t, err, cause)
			assert.ErrorIs(t, err, context.Canceled)
			assert.ErrorIs(t, err, desync.ErrNotRun)
		}
		_, err = l.Future(ctx, d, func(context.Context, *[]int) (int, error) { return 0, nil }).Await(t.Context())
		assert.ErrorIs(t, err, desync.ErrNotRun, "a context that has ended before the call")
		release()
		v, err := behind.Await(t.Context())
		assert.NoError(t, err)
		assert.Equal(t, 7, v)
		require.NoError(t, l.Wait(t.Context()))
	})
}

func TestSetLimit(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		l := bounded.NewLimit(1)
		m := desync.NewMap(func(int) int { return 0 })
		var running atomic.Int64
		gate := make(chan struct{})
		for key := range 10 {
			require.NoError(t, l.Async(t.Context(), m.At(key), func(context.Context, *int) { running.Add(1); <-gate; running.Add(-1) }))
		}
		for _, n := range []int{1, 4, 2, 6} {
			l.SetLimit(n)
			synctest.Wait()
			assert.EqualValues(t, max(n, int(running.Load())), running.Load(), "with a limit of %d", n)
		}
		assert.EqualValues(t, 6, running.Load())
		close(gate)
		require.NoError(t, l.Wait(t.Context()))
	})
}

func TestSYN3_LimitInBubblesAndOutside(t *testing.T) {
	l, d, e := bounded.NewLimit(1), desync.New(0), desync.New(0)
	bubbles.Try(t, func(t *testing.T) {
		for range 3 {
			require.NoError(t, l.Async(t.Context(), d, func(context.Context, *int) { runtime.Gosched() }))
			require.NoError(t, l.Do(t.Context(), e, func(context.Context, *int) error { return nil }))
		}
		require.NoError(t, l.Wait(t.Context()))
	})
}

func TestTakeBackOfALimit(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		l, busy := bounded.NewLimit(1), desync.New(0)
		m := desync.NewMap(func(int) int { return 0 })
		release := hold(t, l, busy)
		job := func(int) func(context.Context, *int) { return func(context.Context, *int) { t.Error("it ran") } }
		for i := range 6 {
			require.NoError(t, l.Async(t.Context(), m.At(i%2), job(i)))
		}
		f := l.Future(t.Context(), m.At(7), func(context.Context, *int) (int, error) { t.Error("it ran"); return 0, nil })
		called := make(chan error, 1)
		go func() {
			called <- l.Do(t.Context(), m.At(0), func(context.Context, *int) error { t.Error("it ran"); return nil })
		}()
		suspended := desync.New(0)
		resume := suspended.Suspend()
		inTurn := make(chan error, 1)
		go func() {
			inTurn <- l.Do(t.Context(), suspended, func(context.Context, *int) error { t.Error("it ran"); return nil })
		}()
		synctest.Wait()
		jobs := l.TakeBack()
		require.Len(t, jobs, 7)
		for i, j := range jobs[:6] {
			assert.True(t, j.Object == m.At(i%2), "job %d is of %v", i, j.Object)
			assert.IsType(t, job(0), j.Job)
		}
		_, err := f.Await(t.Context())
		assert.ErrorIs(t, err, bounded.ErrReturned)
		assert.ErrorIs(t, <-called, bounded.ErrReturned)
		assert.ErrorIs(t, <-inTurn, bounded.ErrReturned, "a call that waits for its turn")
		resume()
		release()
		require.NoError(t, l.Close(t.Context()))
		assert.ErrorIs(t, l.Async(t.Context(), busy, func(context.Context, *int) {}), bounded.ErrClosed)
		assert.ErrorIs(t, l.Do(t.Context(), busy, func(context.Context, *int) error { return nil }), bounded.ErrClosed)
		assert.Empty(t, l.TakeBack())
	})
}
