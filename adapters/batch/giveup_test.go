package batch_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-desync/go-desync/adapters/batch"
	"github.com/go-desync/go-desync/adapters/internal/bubbles"
	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

var errOver = errors.New("over")

// wantNotRun checks the error of an item that was taken out.
func wantNotRun(t *testing.T, err error) {
	t.Helper()
	assert.ErrorIs(t, err, desync.ErrNotRun)
	assert.ErrorIs(t, err, context.Canceled)
	assert.ErrorIs(t, err, errOver)
	assert.NotErrorIs(t, err, futures.ErrInterrupted)
}

// An item whose context ends in time is taken out, wherever it stands.
func TestCAN1_ItemsAreTakenOut(t *testing.T) {
	for _, limits := range []batch.Limits[int]{{}, {Items: 2}, {Items: 2, Wait: time.Hour}, {Wait: time.Hour}, {Items: 1}} {
		for out := range 5 {
			bubbles.Run(t, func(t *testing.T) {
				b, seen, d, resume := held(limits)
				ctx, cancel := context.WithCancelCause(t.Context())
				var all sync.WaitGroup
				var want []int
				for item := range 5 {
					all.Go(func() {
						if item == out {
							_, err := b.Add(ctx, item)
							wantNotRun(t, err)
							return
						}
						r, err := b.Add(t.Context(), item)
						assert.NoError(t, err)
						assert.Equal(t, 2*item, r, "CAN-3: the result of a neighbour")
					})
					if item != out {
						want = append(want, item)
					}
					synctest.Wait()
				}
				cancel(errOver)
				synctest.Wait()
				resume()
				assert.NoError(t, b.Flush(t.Context()))
				all.Wait()
				assert.Equal(t, want, slices.Concat(seen.list()...), "the items that have run")
				for _, items := range seen.list() {
					assert.NotEmpty(t, items, "a batch")
				}
				synctest.Wait()
				assert.True(t, d.TryDo(func(*int) {}), "the object is idle")
				_, err := b.Add(ctx, 5)
				wantNotRun(t, err)
			})
		}
	}
}

// CAN-2: when the batch has begun the item may have its effect.
func TestCAN2_AnItemThatRunsIsInterrupted(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		gate := make(chan struct{})
		b := batch.New(desync.New(0), batch.Limits[int]{}, func(_ *int, items []int) ([]int, error) {
			<-gate
			return items, nil
		})
		ctx, cancel := context.WithCancelCause(t.Context())
		done := make(chan error)
		go func() { _, err := b.Add(ctx, 1); done <- err }()
		synctest.Wait()
		cancel(errOver)
		err := <-done
		assert.ErrorIs(t, err, futures.ErrInterrupted)
		assert.ErrorIs(t, err, errOver)
		assert.NotErrorIs(t, err, desync.ErrNotRun)
		close(gate)
		assert.NoError(t, b.Close(t.Context()))
	})
}

// CAN-4: items that were given up are let go while the object is stuck, and their places do
// not pile up.
func TestCAN4_GivenUpItemsAreLetGo(t *testing.T) {
	type payload [1000]byte
	for name, limits := range map[string]batch.Limits[*payload]{"no limit": {}, "one item": {Items: 1}, "a wait": {Wait: time.Hour}} {
		t.Run(name, func(t *testing.T) {
			d := desync.New(0)
			resume := d.Suspend()
			b := batch.New(d, limits, func(*int, []*payload) ([]int, error) { return nil, nil })
			b.Future(nil) // stays
			var kept []weak.Pointer[payload]
			for range 3000 {
				ctx, cancel := context.WithCancel(t.Context())
				item := new(payload)
				kept = append(kept, weak.Make(item))
				go cancel()
				_, err := b.Add(ctx, item)
				require.ErrorIs(t, err, desync.ErrNotRun)
			}
			require.Eventually(t, func() bool {
				runtime.GC()
				return !slices.ContainsFunc(kept, func(p weak.Pointer[payload]) bool { return p.Value() != nil })
			}, 10*time.Second, time.Millisecond, "items are kept")
			require.Less(t, d.Pending(), 40, "places of batches that are empty")
			resume()
			require.NoError(t, b.Flush(t.Context()))
		})
	}
}

// Each item either runs or is reported as not run, when its context ends at the moment when
// its batch begins.
func TestCAN1_CAN2_TheContextEndsWhenTheBatchBegins(t *testing.T) {
	const rounds = 20_000
	var ran, notRun, interrupted atomic.Int64
	effects := make([]atomic.Bool, rounds)
	d := desync.New(0)
	b := batch.New(d, batch.Limits[int]{Items: 3}, func(_ *int, items []int) ([]int, error) {
		for _, i := range items {
			effects[i].Store(true)
		}
		return items, nil
	})
	var all sync.WaitGroup
	for w := range 4 {
		all.Go(func() {
			for i := w; i < rounds; i += 4 {
				ctx, cancel := context.WithCancel(t.Context())
				go cancel()
				switch r, err := b.Add(ctx, i); {
				case err == nil:
					ran.Add(1)
					assert.True(t, r == i && effects[i].Load())
				case errors.Is(err, desync.ErrNotRun):
					notRun.Add(1)
					assert.False(t, effects[i].Load(), "CAN-1: an item that is reported as not run")
				case errors.Is(err, futures.ErrInterrupted):
					interrupted.Add(1)
				default:
					t.Errorf("Add returns %v", err)
				}
			}
		})
	}
	all.Wait()
	require.NoError(t, b.Flush(t.Context()))
	happened := 0
	for i := range effects {
		if effects[i].Load() {
			happened++
		}
	}
	assert.EqualValues(t, ran.Load()+interrupted.Load(), happened, "CAN-2: items that have run, against those not reported as not run")
	t.Logf("%d ran, %d did not, %d were interrupted", ran.Load(), notRun.Load(), interrupted.Load())
}
