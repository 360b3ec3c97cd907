package pipe_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/go-desync/go-desync/adapters/pipe"
	"github.com/go-desync/go-desync/desync"
)

// What the stages of a pipeline have taken comes out or is counted, whether the context of all
// stages ends or only that of the last.
func TestPipelineLosesNothingSilently(t *testing.T) {
	for at := range 80 {
		var a, b, c desync.Desync[int]
		ctx, cancel := context.WithCancel(t.Context())
		before := ctx
		if at%2 == 1 {
			before = t.Context()
		}
		in := make(chan int, 100)
		for i := range 100 {
			in <- i
		}
		pass := func(_ context.Context, _ *int, v int) (int, error) { return v, nil }
		stop := func(_ context.Context, _ *int, v int) (int, error) {
			if v == at/2 {
				cancel()
			}
			return v, nil
		}
		first := pipe.Through(before, &a, in, 3, pass)
		second := pipe.Through(before, &b, first, 5, stop)
		third := pipe.Through(ctx, &c, second, 2, pass)
		out, notRun := 0, 0
		for v, err := range third.All() {
			if err == nil {
				require.Equal(t, out, v, "the results come in order")
				out++
				continue
			}
			stopped, ok := errors.AsType[*pipe.StoppedError](err)
			require.True(t, ok, "an error in place of a result: %v", err)
			notRun += stopped.NotRun
		}
		require.Equal(t, 100-len(in), out+notRun, "items that came out and that were counted, against those taken")
	}
}

// The error of a stage that has stopped may itself be lost on the way, but its numbers
// are not.
func TestPipelineCountsWhatALostErrorCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var a, b, c desync.Desync[int]
		early, cancelEarly := context.WithCancel(t.Context())
		late, cancelLate := context.WithCancel(t.Context())
		defer cancelEarly()
		defer cancelLate()
		in := make(chan int, 5)
		for i := range 3 {
			in <- i
		}
		stage := pipe.Through(early, &a, in, 2, double)
		stage = pipe.Through(late, &b, stage, 2, double)
		stage = pipe.Through(late, &c, stage, 1, double)
		out, notRun := 0, 0
		for _, err := range stage.All() {
			if stopped, ok := errors.AsType[*pipe.StoppedError](err); ok {
				notRun += stopped.NotRun
				continue
			}
			if out++; out == 1 {
				synctest.Wait() // item 1 is in the last stage, 2 in the one before
				resume := a.Suspend()
				defer resume()
				in <- 3
				in <- 4
				synctest.Wait() // they are in the first
				cancelEarly()
				synctest.Wait() // its error, which counts both, is in the second
				cancelLate()
			}
		}
		require.Equal(t, []int{2, 3}, []int{out, notRun}, "items that came out, and that were counted")
	})
}
