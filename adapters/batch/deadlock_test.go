package batch_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/go-desync/go-desync/adapters/batch"
	"github.com/go-desync/go-desync/adapters/internal/bubbles"
	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures/waits"
)

// selfWaits are the calls of a Batch that wait.
func selfWaits(b *batch.Batch[int, int]) map[string]func(ctx context.Context) error {
	return map[string]func(ctx context.Context) error{
		"Add":   func(ctx context.Context) error { _, err := b.Add(ctx, 2); return err },
		"Flush": b.Flush,
		"Close": b.Close,
	}
}

func wantDeadlock(t *testing.T, name string, err error) {
	t.Helper()
	ring, ok := errors.AsType[*desync.DeadlockError](err)
	if assert.True(t, ok, "NST-3: in a job of the object %s returns %v; want a DeadlockError", name, err) {
		assert.Contains(t, ring.Ring[0].Object, "ledger")
		assert.Contains(t, ring.Ring[0].Call, "deadlock_test.go")
		assert.ErrorIs(t, err, desync.ErrNotRun)
	}
}

// In every build, a self-wait is found along the context of the job.
func TestNST3_SelfWaitAlongTheContext(t *testing.T) {
	for _, limits := range []batch.Limits[int]{{}, {Items: 2}, {Wait: time.Hour}} {
		for name := range selfWaits(nil) {
			bubbles.Run(t, func(t *testing.T) {
				d, seen := desync.New(0, desync.WithName("ledger")), new(batches)
				b := batch.New(d, limits, seen.double)
				err := d.DoContext(t.Context(), func(ctx context.Context, _ *int) error {
					b.Future(1)
					return selfWaits(b)[name](ctx)
				})
				wantDeadlock(t, name, err)
				assert.NoError(t, b.Flush(t.Context()))
				assert.Equal(t, [][]int{{1}}, seen.list(), "the items that have run")
			})
		}
	}
}

// In builds that watch, it is found whatever the context; in a job of the batch, too.
func TestNST3_SelfWaitWithoutAContext(t *testing.T) {
	if !waits.Watching {
		t.Skip("only builds with the race detector or the tag desyncdebug watch all waits; in others the call blocks")
	}
	for _, limits := range []batch.Limits[int]{{}, {Items: 2}, {Wait: time.Hour}} {
		for name := range selfWaits(nil) {
			bubbles.Run(t, func(t *testing.T) {
				d, seen := desync.New(0, desync.WithName("ledger")), new(batches)
				b := batch.New(d, limits, seen.double)
				d.Do(func(*int) {
					b.Future(1)
					wantDeadlock(t, name, selfWaits(b)[name](context.Background()))
				})
				assert.NoError(t, b.Flush(t.Context()))
				assert.Equal(t, [][]int{{1}}, seen.list(), "the items that have run")

				var inner *batch.Batch[int, int]
				inner = batch.New(d, limits, func(_ *int, items []int) ([]int, error) {
					if items[0] == 1 {
						inner.Future(3)
						wantDeadlock(t, name, selfWaits(inner)[name](context.Background()))
					}
					return items, nil
				})
				inner.Future(1)
				assert.NoError(t, inner.Flush(t.Context()))
			})
		}
	}
}

// A cycle over two objects.
func TestNST3_ARing(t *testing.T) {
	if !waits.Watching {
		t.Skip("only builds with the race detector or the tag desyncdebug watch all waits; in others both jobs block")
	}
	for _, wait := range []time.Duration{0, time.Hour} {
		bubbles.Run(t, func(t *testing.T) {
			d, other := desync.New(0, desync.WithName("ledger")), desync.New(0)
			b := batch.New(d, batch.Limits[int]{Wait: wait}, func(_ *int, items []int) ([]int, error) { return items, nil })
			gate := make(chan struct{})
			add := make(chan error, 1)
			other.Async(func(*int) {
				<-gate
				_, err := b.Add(context.Background(), 1)
				add <- err
			})
			d.Async(func(*int) { other.Do(func(*int) {}) })
			synctest.Wait()
			close(gate)
			err := <-add
			_, ok := errors.AsType[*desync.DeadlockError](err)
			assert.True(t, ok, "NST-3: Add returns %v", err)
			assert.NoError(t, b.Close(t.Context()))
		})
	}
}

// There is no ring if the job is not of the object, or if it does not wait.
func TestNST1_AddInJobsOfOthers(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		d, other := desync.New(0), desync.New(0)
		b := batch.New(d, batch.Limits[int]{Wait: time.Second}, func(_ *int, items []int) ([]int, error) { return items, nil })
		assert.NoError(t, other.DoContext(t.Context(), func(ctx context.Context, _ *int) error {
			_, err := b.Add(ctx, 1)
			return err
		}))
		f := b.Future(2)
		d.Do(func(*int) { b.Future(3) })
		r, err := f.Await(t.Context())
		assert.NoError(t, err)
		assert.Equal(t, 2, r)
		assert.NoError(t, b.Flush(t.Context()))
	})
}
