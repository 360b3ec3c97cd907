package pipe_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/go-desync/go-desync/adapters/pipe"
	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

// All has run before the context is seen to have ended: nothing was stopped.
func TestInWhoseContextEndsWithTheLastItem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d desync.Desync[int]
		resume := d.Suspend()
		ctx, cancel := context.WithCancel(t.Context())
		f := pipe.In(ctx, &d, slices.Values([]int{1, 2, 3}), 4, func(_ context.Context, _ *int, v int) error {
			if v == 3 {
				cancel()
			}
			return nil
		})
		synctest.Wait() // the source has returned
		resume()
		require.Equal(t, pipe.Report[int]{Run: 3}, report(t, f))
	})
}

func TestInSourceThatPanicsWhenItIsStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d desync.Desync[int]
		resume := d.Suspend()
		defer resume()
		ctx, cancel := context.WithCancel(t.Context())
		f := pipe.In(ctx, &d, func(yield func(int) bool) {
			_ = yield(1) && yield(2)
			<-ctx.Done()
			panic("source")
		}, 4, func(context.Context, *int, int) error { return nil })
		synctest.Wait()
		cancel()
		r := report(t, f)
		require.Equal(t, []int{1, 2}, r.Left)
		pe, ok := errors.AsType[*futures.PanicError](r.Err)
		require.True(t, ok, "the error of a panic: %v", r.Err)
		require.Equal(t, "source", pe.Value)
		require.ErrorIs(t, r.Err, desync.ErrNotRun, "it says both")
	})
}

// What a job has begun with its context ends with the In.
func TestTheContextOfInEndsWithIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d desync.Desync[int]
		var of context.Context
		r := report(t, pipe.In(t.Context(), &d, slices.Values([]int{1}), 1, func(ctx context.Context, _ *int, _ int) error {
			of = ctx
			return ctx.Err()
		}))
		require.NoError(t, r.Err)
		synctest.Wait()
		require.ErrorIs(t, of.Err(), context.Canceled)
	})
}
