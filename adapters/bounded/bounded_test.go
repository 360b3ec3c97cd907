package bounded_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-desync/go-desync/adapters/bounded"
	"github.com/go-desync/go-desync/adapters/internal/bubbles"
	"github.com/go-desync/go-desync/desync"
)

func TestAsyncWaitsForRoom(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		b, d := bounded.New(3), desync.New(0)
		empty := fill(t, b, 3, d)
		accepted := false
		go func() {
			assert.NoError(t, b.Async(t.Context(), d, 1, func(n *int) { *n++ }))
			accepted = true
		}()
		synctest.Wait()
		assert.False(t, accepted, "Async returned although there was no room")
		assert.Equal(t, 1, d.Pending(), "jobs on the object while one waits for room")
		empty()
		synctest.Wait()
		assert.True(t, accepted, "Async did not return when there was room")
		assert.Equal(t, 1, d.Sync(func(n *int) int { return *n }), "runs of the job that waited")
		checkRoom(t, b, 3)
	})
}

func TestRoomIsTakenUntilTheJobHasEnded(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		b, d := bounded.New(1), desync.New(0)
		started, gate := make(chan struct{}), make(chan struct{})
		require.NoError(t, b.TryAsync(d, 1, func(*int) { close(started); <-gate }))
		<-started
		assert.ErrorIs(t, b.TryAsync(d, 1, func(*int) {}), bounded.ErrFull, "while the job runs")
		close(gate)
		d.Do(func(*int) {})
		checkRoom(t, b, 1)
	})
}

func TestTryAsyncRefuses(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		b, d, other := bounded.New(5), desync.New(0), desync.New(0)
		empty := fill(t, b, 5, d)
		for range 1000 {
			err := b.TryAsync(other, 1, func(*int) { t.Error("a refused job ran") })
			require.ErrorIs(t, err, bounded.ErrFull)
			require.ErrorIs(t, err, desync.ErrNotRun)
			require.NotErrorIs(t, err, bounded.ErrInJob)
		}
		assert.Zero(t, other.Pending(), "jobs on the object after refusals")
		empty()
		d.Do(func(*int) {})
		checkRoom(t, b, 5)
	})
}

// A light job must not slip past a heavy one that waits, or that would wait forever.
func TestRoomIsGivenInOrder(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		b, d, other := bounded.New(4), desync.New(0), desync.New([]int(nil))
		empty := fill(t, b, 3, d)
		for i, weight := range []int64{4, 1, 2, 1} {
			go func() {
				assert.NoError(t, b.Async(t.Context(), other, weight, func(ran *[]int) { *ran = append(*ran, i) }))
			}()
			synctest.Wait()
		}
		assert.ErrorIs(t, b.TryAsync(d, 1, func(*int) {}), bounded.ErrFull, "TryAsync past calls that wait")
		empty()
		synctest.Wait()
		ran := other.Sync(func(ran *[]int) []int { return *ran })
		assert.Equal(t, 0, ran[0], "the heavy job was first to wait; the jobs ran in the order %v", ran)
		assert.Len(t, ran, 4)
		checkRoom(t, b, 4)
	})
}

func TestJobsRunInTheOrderOfTheCalls(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		b, d := bounded.New(7), desync.New([]int(nil))
		var want []int
		for i := range 1000 {
			want = append(want, i)
			require.NoError(t, b.Async(t.Context(), d, int64(i%7+1), func(got *[]int) { *got = append(*got, i) }))
		}
		got := d.Sync(func(got *[]int) []int { return *got })
		assert.True(t, slices.Equal(want, got), "ORD-1: expected 0 to 999 in order, got %v", got)
		checkRoom(t, b, 7)
	})
}

func TestCancelledWaitLeavesNoTrace(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		b, d, other := bounded.New(4), desync.New(0), desync.New(0)
		empty := fill(t, b, 3, d)
		cause := errors.New("the caller went home")
		ctx, cancel := context.WithCancelCause(t.Context())
		go func() { // the heavy job at the head holds up the light one behind it
			err := b.Async(ctx, other, 4, func(*int) { t.Error("a cancelled job ran") })
			assert.ErrorIs(t, err, desync.ErrNotRun)
			assert.ErrorIs(t, err, context.Canceled)
			assert.ErrorIs(t, err, cause)
			assert.NotErrorIs(t, err, bounded.ErrFull)
		}()
		synctest.Wait()
		light := make(chan error, 1)
		go func() { light <- b.Async(t.Context(), other, 1, func(n *int) { *n++ }) }()
		synctest.Wait()
		require.Empty(t, light, "a light job has overtaken the heavy one that waits")
		cancel(cause)
		synctest.Wait()
		select {
		case err := <-light:
			assert.NoError(t, err)
		default:
			t.Error("there was room for the light job when the heavy one gave up, but it still waits")
		}
		empty()
		d.Do(func(*int) {})
		assert.Equal(t, 1, other.Sync(func(n *int) int { return *n }), "jobs that ran")
		checkRoom(t, b, 4)
	})
}

func TestEndedContextIsRefusedThoughThereIsRoom(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		b, d := bounded.New(1), desync.New(0)
		cause := errors.New("over")
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(cause)
		for range 100 {
			err := b.Async(ctx, d, 1, func(*int) { t.Error("CAN-1: the job ran") })
			require.ErrorIs(t, err, desync.ErrNotRun)
			require.ErrorIs(t, err, context.Canceled)
			require.ErrorIs(t, err, cause)
		}
		checkRoom(t, b, 1)
	})
}

func TestAcceptedJobRunsThoughTheContextEnds(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		b, d := bounded.New(2), desync.New(0)
		empty := fill(t, b, 1, d)
		ctx, cancel := context.WithCancel(t.Context())
		require.NoError(t, b.Async(ctx, d, 1, func(n *int) { *n++ }))
		cancel()
		empty()
		assert.Equal(t, 1, d.Sync(func(n *int) int { return *n }), "EXE-2: runs of the accepted job")
		checkRoom(t, b, 2)
	})
}

func TestTooHeavy(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		b, d := bounded.New(2), desync.New(0)
		job := func(*int) { t.Error("a job that is too heavy ran") }
		for _, err := range []error{b.Async(t.Context(), d, 3, job), b.TryAsync(d, 3, job)} {
			assert.ErrorIs(t, err, bounded.ErrTooHeavy)
			assert.ErrorIs(t, err, desync.ErrNotRun)
			assert.NotErrorIs(t, err, bounded.ErrFull)
		}
		checkRoom(t, b, 2)
		var zero bounded.Bound
		assert.ErrorIs(t, zero.TryAsync(d, 1, job), bounded.ErrTooHeavy, "the zero Bound")
	})
}

func TestMisusePanics(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		b, d, ctx := bounded.New(2), desync.New(0), t.Context()
		job := func(*int) { t.Error("the job ran") }
		for name, call := range map[string]func(){
			"size 0":              func() { bounded.New(0) },
			"size -1":             func() { bounded.New(-1) },
			"Async, nil ctx":      func() { _ = b.Async(nil, d, 1, job) },
			"Async, nil object":   func() { _ = b.Async(ctx, nil, 1, job) },
			"Async, nil job":      func() { _ = b.Async[int](ctx, d, 1, nil) },
			"Async, weight 0":     func() { _ = b.Async(ctx, d, 0, job) },
			"Async, weight -1":    func() { _ = b.Async(ctx, d, -1, job) },
			"TryAsync, nil obj":   func() { _ = b.TryAsync(nil, 1, job) },
			"TryAsync, nil job":   func() { _ = b.TryAsync[int](d, 1, nil) },
			"TryAsync, weight 0":  func() { _ = b.TryAsync(d, 0, job) },
			"TryAsync, weight -1": func() { _ = b.TryAsync(d, -1, job) },
		} {
			v := func() (v any) {
				defer func() { v = recover() }()
				call()
				return nil
			}()
			s, _ := v.(string)
			assert.Contains(t, s, "bounded: ", "%s: the panic", name)
		}
		checkRoom(t, b, 2)
	})
}

func TestRoomComesBackAfterPanics(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		told := make(chan any, 3)
		b := bounded.New(2)
		d := desync.New(0, desync.WithPanicHandler(func(p *desync.PanicError) { told <- p.Value }))
		for range 3 {
			require.NoError(t, b.Async(t.Context(), d, 2, func(*int) { panic("oops") }))
		}
		require.NoError(t, b.Async(t.Context(), d, 1, func(n *int) { *n++ }))
		for range 3 {
			assert.Equal(t, "oops", <-told)
		}
		assert.Equal(t, 1, d.Sync(func(n *int) int { return *n }), "PAN-4: runs of the job behind those that panic")
		checkRoom(t, b, 2)
	})
}

// Package desync says that a background job must not call Goexit. If one does, the
// bound at least takes no harm.
func TestRoomComesBackAfterGoexit(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		b, d := bounded.New(1), desync.New(0)
		//desyncvet:ignore goexit the test is about a job that does it
		require.NoError(t, b.Async(t.Context(), d, 1, func(*int) { runtime.Goexit() }))
		require.NoError(t, b.Async(t.Context(), d, 1, func(n *int) { *n++ }))
		synctest.Wait()
		assert.Equal(t, 1, d.Sync(func(n *int) int { return *n }), "runs of the job behind")
		checkRoom(t, b, 1)
	})
}
