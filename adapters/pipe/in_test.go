package pipe_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"github.com/go-desync/go-desync/adapters/pipe"
	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

// report waits for an In.
func report(t *testing.T, f *futures.Future[pipe.Report[int]]) pipe.Report[int] {
	t.Helper()
	r, err := f.Await(context.Background())
	require.NoError(t, err, "the future of In must not fail")
	return r
}

func TestInRunsEveryItemInOrder(t *testing.T) {
	var d desync.Desync[[]int]
	want := make([]int, 1000)
	for i := range want {
		want[i] = i
	}
	for _, depth := range []int{1, 2, 7, 2000} {
		d.Do(func(got *[]int) { *got = nil })
		r := report(t, pipe.In(t.Context(), &d, slices.Values(want), depth, func(_ context.Context, got *[]int, v int) error {
			*got = append(*got, v)
			return nil
		}))
		require.Equal(t, pipe.Report[int]{Run: 1000}, r, "depth %d", depth)
		require.Equal(t, want, d.Sync(func(got *[]int) []int { return *got }), "depth %d", depth)
	}
}

// counted yields 0, 1, 2 and so on, and counts in *asked how often it was asked.
func counted(asked *int) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for i := 0; ; i++ {
			*asked++
			if !yield(i) {
				return
			}
		}
	}
}

func TestInTakesNoMoreThanDepth(t *testing.T) {
	for _, depth := range []int{1, 3} {
		synctest.Test(t, func(t *testing.T) {
			var d desync.Desync[int]
			ctx, cancel := context.WithCancel(t.Context())
			asked, gate := 0, make(chan struct{})
			f := pipe.In(ctx, &d, counted(&asked), depth, func(context.Context, *int, int) error {
				<-gate
				return nil
			})
			for ended := range 5 {
				synctest.Wait()
				require.Equal(t, depth+ended, asked, "items asked for, depth %d, after %d jobs", depth, ended)
				gate <- struct{}{}
			}
			cancel()
			close(gate)
			r := report(t, f)
			require.Equal(t, asked, r.Run+r.NotRun, "every item that was taken is counted")
		})
	}
}

func TestInGoesOnAfterAnItemThatFails(t *testing.T) {
	errThree, errSource := errors.New("three"), errors.New("source")
	source := func(fail int) func(yield func(int, error) bool) {
		return func(yield func(int, error) bool) {
			for i := range 10 {
				if i == fail {
					if !yield(0, errSource) {
						return
					}
				} else if !yield(i, nil) {
					return
				}
			}
		}
	}
	job := func(ran *[]int, v int) error {
		*ran = append(*ran, v)
		switch v {
		case 3:
			return errThree
		case 5:
			panic("five")
		case 7:
			//desyncvet:ignore goexit one of the items fails in this way
			runtime.Goexit()
		}
		return nil
	}
	for _, test := range []struct {
		fail int
		want pipe.Report[int]
	}{
		{4, pipe.Report[int]{Run: 9, Failed: 4, Err: errThree}},
		{2, pipe.Report[int]{Run: 9, Failed: 4, Err: errSource}},
	} {
		var d desync.Desync[[]int]
		r := report(t, pipe.In(t.Context(), &d, source(test.fail), 4, func(_ context.Context, ran *[]int, v int) error {
			return job(ran, v)
		}))
		if diff := cmp.Diff(test.want, r, cmpopts.EquateErrors()); diff != "" {
			t.Errorf("report with an error of the source at %d (-want +got):\n%s", test.fail, diff)
		}
		require.Len(t, d.Sync(func(ran *[]int) []int { return *ran }), 9)
	}
}

func TestInReportsPanicAndGoexit(t *testing.T) {
	var d desync.Desync[int]
	r := report(t, pipe.In(t.Context(), &d, slices.Values([]int{1}), 1, func(context.Context, *int, int) error { panic("one") }))
	pe, ok := errors.AsType[*futures.PanicError](r.Err)
	require.True(t, ok, "the error of a panic: %v", r.Err)
	require.Equal(t, "one", pe.Value)
	require.Contains(t, string(pe.Stack), "TestInReportsPanicAndGoexit")

	r = report(t, pipe.In(t.Context(), &d, slices.Values([]int{1}), 1, func(context.Context, *int, int) error {
		runtime.Goexit()
		return nil
	}))
	require.ErrorIs(t, r.Err, futures.ErrGoexit)
}

func TestInWithEndedContextTakesNothing(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("cause")
	cancel(cause)
	var d desync.Desync[int]
	c := make(chan int, 1)
	c <- 1
	r := report(t, pipe.In(ctx, &d, c, 1, func(context.Context, *int, int) error { return nil }))
	require.Len(t, c, 1, "items left in the channel")
	require.Equal(t, pipe.Report[int]{Err: r.Err}, r)
	require.ErrorIs(t, r.Err, context.Canceled)
	require.ErrorIs(t, r.Err, cause)
	require.NotErrorIs(t, r.Err, desync.ErrNotRun, "nothing was taken")
}

func TestInCountsWhatWasNotRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d desync.Desync[int]
		resume := d.Suspend()
		ctx, cancel := context.WithCancel(t.Context())
		c := make(chan int, 10)
		for i := range 10 {
			c <- i
		}
		f := pipe.In(ctx, &d, c, 4, func(_ context.Context, n *int, v int) error {
			*n++
			return nil
		})
		synctest.Wait()
		cancel()
		r := report(t, f) // although d is held
		require.Equal(t, 4, r.NotRun)
		require.Equal(t, 0, r.Run)
		require.Len(t, c, 6, "items left in the channel")
		require.ErrorIs(t, r.Err, desync.ErrNotRun)
		require.ErrorIs(t, r.Err, context.Canceled)
		resume()
		require.Equal(t, 0, d.Sync(func(n *int) int { return *n }), "jobs that ran after the future had settled")
	})
}

func TestInWaitsForTheJobThatRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d desync.Desync[int]
		ctx, cancel := context.WithCancel(t.Context())
		gate := make(chan struct{})
		f := pipe.In(ctx, &d, slices.Values([]int{1, 2, 3}), 2, func(context.Context, *int, int) error {
			<-gate
			return nil
		})
		synctest.Wait()
		cancel()
		synctest.Wait()
		_, settled := f.Try()
		require.False(t, settled, "the future settled while a job ran")
		close(gate)
		r := report(t, f)
		require.Equal(t, 1, r.Run)
		require.Equal(t, 1, r.NotRun)
	})
}

func TestInSourceThatPanics(t *testing.T) {
	for name, fail := range map[string]func(){"panic": func() { panic("source") }, "Goexit": runtime.Goexit} {
		t.Run(name, func(t *testing.T) {
			var d desync.Desync[int]
			r := report(t, pipe.In(t.Context(), &d, func(yield func(int) bool) {
				_ = yield(1) && yield(2)
				fail()
			}, 4, func(_ context.Context, n *int, v int) error {
				*n += v
				return nil
			}))
			require.Equal(t, 2, r.Run)
			require.Equal(t, 3, d.Sync(func(n *int) int { return *n }), "the items before still run")
			if name == "Goexit" {
				require.ErrorIs(t, r.Err, futures.ErrGoexit)
			} else {
				pe, ok := errors.AsType[*futures.PanicError](r.Err)
				require.True(t, ok, "the error of a panic: %v", r.Err)
				require.Equal(t, "source", pe.Value)
			}
		})
	}
}

func TestInParksOneGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d desync.Desync[int]
		resume := d.Suspend()
		before := runtime.NumGoroutine()
		asked := 0
		ctx, cancel := context.WithCancel(t.Context())
		f := pipe.In(ctx, &d, counted(&asked), 10_000, func(context.Context, *int, int) error { return nil })
		synctest.Wait()
		require.Equal(t, 10_000, asked)
		require.LessOrEqual(t, runtime.NumGoroutine()-before, 1, "goroutines for 10,000 queued items")
		cancel()
		report(t, f)
		resume()
	})
}
