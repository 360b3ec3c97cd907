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

func TestChanHasTheResultsOfAll(t *testing.T) {
	fault := errors.New("fault")
	source := func(yield func(int, error) bool) {
		_ = yield(1, nil) && yield(0, fault) && yield(3, nil)
	}
	for _, depth := range []int{1, 2, 10} {
		stage := pipe.Through(t.Context(), desync.New(0), source, depth, double)
		var got []futures.Result[int]
		for r := range stage.Chan(t.Context()) {
			got = append(got, r)
		}
		require.Equal(t, []futures.Result[int]{{Value: 2}, {Err: fault}, {Value: 6}}, got, "depth %d", depth)
	}
}

func TestChanWorksAhead(t *testing.T) {
	for _, depth := range []int{1, 5} {
		synctest.Test(t, func(t *testing.T) {
			d := desync.New(0)
			asked := 0
			ctx, cancel := context.WithCancel(t.Context())
			c := pipe.Through(t.Context(), d, counted(&asked), depth, double).Chan(ctx)
			synctest.Wait()
			require.Equal(t, depth+2, asked, "items asked for before anybody receives")
			select {
			case r := <-c:
				require.Equal(t, futures.Result[int]{Value: 0}, r)
			default:
				t.Error("a result is ready and is not received in a select")
			}
			cancel()
			for range c {
			}
		})
	}
}

// A bubble ends only if all its goroutines do: nobody receives after the context ended.
func TestChanIsLeft(t *testing.T) {
	for name, read := range map[string]int{"unread": 0, "after two": 2} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := desync.New(0)
				ctx, cancel := context.WithCancelCause(t.Context())
				asked := 0
				c := pipe.Through(context.Background(), d, counted(&asked), 3, double).Chan(ctx)
				for i := range read {
					require.Equal(t, futures.Result[int]{Value: 2 * i}, <-c)
				}
				synctest.Wait()
				cause := errors.New("cause")
				cancel(cause)
				synctest.Wait()
				var last error
				for r := range c {
					last = r.Err
				}
				stopped, ok := errors.AsType[*pipe.StoppedError](last)
				require.True(t, ok, "the last error is %v", last)
				require.ErrorIs(t, last, cause)
				require.Equal(t, []int{asked, 0}, []int{stopped.Run, stopped.NotRun})
				require.Equal(t, asked, d.Sync(func(calls *int) int { return *calls }))
			})
		})
	}
}

func TestChanIsLeftWhileOthersHoldTheObject(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d desync.Desync[int]
		resume := d.Suspend()
		ctx, cancel := context.WithCancel(t.Context())
		in := make(chan int, 5)
		for i := range 5 {
			in <- i
		}
		c := pipe.Through(context.Background(), &d, in, 3, double).Chan(ctx)
		synctest.Wait()
		cancel()
		r := <-c
		stopped, ok := errors.AsType[*pipe.StoppedError](r.Err)
		require.True(t, ok, "the last error is %v", r.Err)
		require.Equal(t, []int{0, 3}, []int{stopped.Run, stopped.NotRun})
		require.Len(t, in, 2)
		_, open := <-c
		require.False(t, open)
		resume()
		require.Equal(t, 0, d.Sync(func(calls *int) int { return *calls }), "jobs that ran afterwards")
	})
}

// The context of the stage ends, the reader's does not: what is ready still comes.
func TestChanOfAStageThatEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := desync.New(0)
		ctx, cancel := context.WithCancel(t.Context())
		asked := 0
		c := pipe.Through(ctx, d, counted(&asked), 3, double).Chan(context.Background())
		synctest.Wait()
		cancel()
		var got []int
		var last error
		for r := range c {
			if last = r.Err; last == nil {
				got = append(got, r.Value)
			}
		}
		require.Equal(t, []int{0, 2, 4, 6, 8}, got, "results that were ready")
		stopped, ok := errors.AsType[*pipe.StoppedError](last)
		require.True(t, ok, "the last error is %v", last)
		require.Equal(t, []int{5, 0}, []int{stopped.Run, stopped.NotRun})
	})
}

func TestChanWithAnEndedContextTakesNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	in := make(chan int, 1)
	in <- 1
	c := pipe.Through(t.Context(), desync.New(0), in, 1, double).Chan(ctx)
	require.ErrorIs(t, (<-c).Err, context.Canceled)
	_, open := <-c
	require.False(t, open)
	require.Len(t, in, 1)
	var noContext context.Context
	require.PanicsWithValue(t, "pipe: Chan: the context is nil", func() {
		pipe.Through(t.Context(), desync.New(0), slices.Values([]int{1}), 1, double).Chan(noContext)
	})
}

func TestChanTellsTheJobWhyItEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		cause, told := errors.New("cause"), error(nil)
		c := pipe.Through(t.Context(), desync.New(0), slices.Values([]int{1}), 1, func(ctx context.Context, _ *int, v int) (int, error) {
			<-ctx.Done()
			told = context.Cause(ctx)
			return v, nil
		}).Chan(ctx)
		synctest.Wait()
		cancel(cause)
		for range c {
		}
		require.Equal(t, cause, told)
	})
}
