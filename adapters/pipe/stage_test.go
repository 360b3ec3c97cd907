package pipe_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/go-desync/go-desync/adapters/pipe"
	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

func double(_ context.Context, calls *int, v int) (int, error) {
	*calls++
	return 2 * v, nil
}

// collect returns all that seq yields, errors as their text.
func collect[V any](seq iter.Seq2[V, error]) (got []string) {
	for v, err := range seq {
		if err != nil {
			pe, ok := errors.AsType[*futures.PanicError](err)
			if ok {
				err = fmt.Errorf("panic %v", pe.Value)
			}
			got = append(got, err.Error())
		} else {
			got = append(got, fmt.Sprint(v))
		}
	}
	return got
}

func TestThroughSources(t *testing.T) {
	channel := func() chan int {
		c := make(chan int, 3)
		c <- 1
		c <- 2
		c <- 3
		close(c)
		return c
	}
	var d desync.Desync[int]
	ctx := t.Context()
	seq := slices.Values([]int{1, 2, 3})
	pairs := func(yield func(int, error) bool) { _ = yield(1, nil) && yield(2, nil) && yield(3, nil) }
	identity := func(_ context.Context, _ *int, v int) (int, error) { return v, nil }
	for name, stage := range map[string]*pipe.Stage[int]{
		"chan":            pipe.Through(ctx, &d, channel(), 2, double),
		"receive-only":    pipe.Through(ctx, &d, (<-chan int)(channel()), 2, double),
		"iter.Seq":        pipe.Through(ctx, &d, seq, 2, double),
		"function":        pipe.Through(ctx, &d, (func(func(int) bool))(seq), 2, double),
		"iter.Seq2":       pipe.Through(ctx, &d, iter.Seq2[int, error](pairs), 2, double),
		"function of two": pipe.Through(ctx, &d, pairs, 2, double),
		"stage":           pipe.Through(ctx, &d, pipe.Through(ctx, &d, seq, 2, identity), 2, double),
	} {
		require.Equal(t, []string{"2", "4", "6"}, collect(stage.All()), name)
	}
	require.Equal(t, 7*3, d.Sync(func(calls *int) int { return *calls }))
}

func TestThroughKeepsOrderAndErrorsInPlace(t *testing.T) {
	errSource := errors.New("source")
	source := func(yield func(int, error) bool) {
		_ = yield(0, nil) && yield(1, nil) && yield(0, errSource) && yield(3, nil) && yield(4, nil) && yield(5, nil)
	}
	for _, depth := range []int{1, 2, 10} {
		var d desync.Desync[int]
		stage := pipe.Through(t.Context(), &d, source, depth, func(_ context.Context, data *int, v int) (string, error) {
			*data++
			switch v {
			case 1:
				return "dropped", errors.New("one")
			case 3:
				panic("three")
			case 4:
				runtime.Goexit()
			}
			return fmt.Sprintf("%d(%d)", v, *data), nil
		})
		want := []string{"0(1)", "one", "source", "panic three", futures.ErrGoexit.Error(), "5(5)"}
		require.Equal(t, want, collect(stage.All()), "depth %d", depth)
	}
}

func TestThroughTakesNoMoreThanDepth(t *testing.T) {
	for _, depth := range []int{1, 2, 5} {
		synctest.Test(t, func(t *testing.T) {
			var d desync.Desync[int]
			asked := 0
			n := 0
			for range pipe.Through(t.Context(), &d, counted(&asked), depth, double).All() {
				n++
				synctest.Wait()
				require.Equal(t, n+depth, asked, "items asked for, depth %d, while the consumer has number %d", depth, n)
				if n == 5 {
					break
				}
			}
		})
	}
}

// A bubble ends only if all of its goroutines do, so that these tests fail if one is
// left.

func TestThroughBreakLeavesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var a, b, c desync.Desync[int]
		in := make(chan int, 5) // not closed
		for i := range 5 {
			in <- i
		}
		ctx := context.Background()
		first := pipe.Through(ctx, &a, in, 1, double)
		second := pipe.Through(ctx, &b, first, 1, double)
		third := pipe.Through(ctx, &c, second, 1, double)
		for v, err := range third.All() {
			require.NoError(t, err)
			if v == 8*4 {
				synctest.Wait() // the stages wait for the channel
				break
			}
		}
		synctest.Wait()
		require.Equal(t, []int{0, 0, 0}, []int{a.Pending(), b.Pending(), c.Pending()})
	})
}

func TestThroughBreakCancelsTheJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d desync.Desync[int]
		for range pipe.Through(context.Background(), &d, slices.Values([]int{1, 2, 3}), 3, func(ctx context.Context, runs *int, v int) (int, error) {
			if *runs++; v == 2 {
				<-ctx.Done()
			}
			return v, nil
		}).All() {
			synctest.Wait()
			break
		}
		require.Equal(t, 2, d.Sync(func(runs *int) int { return *runs }), "jobs run: the third was queued when the loop was left")
	})
}

func TestThroughConsumerThatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d desync.Desync[int]
		asked, ended := 0, false
		job := func(ctx context.Context, _ *int, v int) (int, error) {
			if v == 1 {
				<-ctx.Done()
				time.Sleep(time.Second)
				ended = true
			}
			return v, nil
		}
		require.PanicsWithValue(t, "consumer", func() {
			for range pipe.Through(context.Background(), &d, counted(&asked), 2, job).All() {
				synctest.Wait()
				panic("consumer")
			}
		})
		require.True(t, ended, "the job that ran has ended before the loop")
	})
}

func TestThroughContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d desync.Desync[int]
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		cause := errors.New("cause")
		in := make(chan int, 100)
		for i := range 100 {
			in <- i
		}
		var got []int
		var last error
		for v, err := range pipe.Through(ctx, &d, in, 10, func(ctx context.Context, _ *int, v int) (int, error) {
			if v == 6 {
				<-ctx.Done() // the job that runs; 7 to 10 are queued
			}
			return v, nil
		}).All() {
			require.NoError(t, last, "nothing comes after the error that says that the stage has stopped")
			if err != nil {
				last = err
				continue
			}
			if got = append(got, v); v == 0 {
				synctest.Wait()
				cancel(cause)
			}
		}
		require.Equal(t, []int{0, 1, 2, 3, 4, 5, 6}, got, "results of the jobs that ran")
		stopped, ok := errors.AsType[*pipe.StoppedError](last)
		require.True(t, ok, "the last error is %v", last)
		require.Equal(t, []int{7, 4}, []int{stopped.Run, stopped.NotRun}, "items run, and taken and not run")
		require.Len(t, in, 100-11, "items left in the channel")
		for _, target := range []error{desync.ErrNotRun, context.Canceled, cause} {
			require.ErrorIs(t, last, target)
		}
	})
}

func TestThroughStopsWhileOthersHoldTheObject(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d desync.Desync[int]
		resume := d.Suspend()
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			synctest.Wait()
			cancel()
		}()
		in := make(chan int, 1)
		in <- 1
		got := collect(pipe.Through(ctx, &d, in, 3, double).All())
		require.Equal(t, []string{"pipe: stopped: context canceled; items run: 0, taken and not run: 1"}, got)
		resume()
		require.Equal(t, 0, d.Sync(func(calls *int) int { return *calls }), "jobs that ran after the loop")
	})
}

func TestThroughWithEndedContextTakesNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var d desync.Desync[int]
	in := make(chan int, 1)
	in <- 1
	got := collect(pipe.Through(ctx, &d, in, 3, double).All())
	require.Equal(t, []string{"pipe: stopped: context canceled; items run: 0, taken and not run: 0"}, got)
	require.Len(t, in, 1)
}

func TestThroughSourceThatPanics(t *testing.T) {
	for want, fail := range map[string]func(){"panic source": func() { panic("source") }, futures.ErrGoexit.Error(): runtime.Goexit} {
		var a, b desync.Desync[int]
		first := pipe.Through(t.Context(), &a, func(yield func(int) bool) {
			_ = yield(1) && yield(2)
			fail()
		}, 1, double)
		got := collect(pipe.Through(t.Context(), &b, first, 1, double).All())
		require.Equal(t, []string{"4", "8", want}, got)
	}
}

func TestStageIsUsedAgain(t *testing.T) {
	var d desync.Desync[int]
	stage := pipe.Through(t.Context(), &d, slices.Values([]int{1, 2}), 1, double)
	for range 3 {
		require.Equal(t, []string{"2", "4"}, collect(stage.All()))
	}
}

func TestThroughCompletedIsTheSame(t *testing.T) {
	var d desync.Desync[int]
	stage := pipe.Through(t.Context(), &d, slices.Values([]int{1, 2, 3}), 2, double)
	require.Equal(t, []string{"2", "4", "6"}, collect(stage.Completed().All()))
}

// An error comes without the value, whatever the job has returned besides.
func TestAnErrorComesWithoutAValue(t *testing.T) {
	fault := errors.New("fault")
	stage := pipe.Through(t.Context(), desync.New(0), slices.Values([]int{1}), 1, func(_ context.Context, _ *int, v int) (int, error) {
		return v, fault
	})
	for v, err := range stage.All() {
		require.Equal(t, fault, err)
		require.Zero(t, v)
	}
}
