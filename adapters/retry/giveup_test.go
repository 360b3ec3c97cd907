package retry_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-desync/go-desync/adapters/retry"
	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

func TestCAN1_TheContextEnds(t *testing.T) {
	each(t, func(t *testing.T, giveBack bool, d desync.Object[int], call func(context.Context, retry.Policy, desync.Object[int], func(context.Context, *int) error) *futures.Future[int]) {
		cause := errors.New("over")
		tries := 0
		job := func(context.Context, *int) error { tries++; return errBusy }
		p := retry.Policy{Pause: retry.Constant(time.Hour), GiveBack: giveBack}

		ctx, cancel := context.WithCancelCause(t.Context())
		f := call(ctx, p, d, job) // in the pause
		synctest.Wait()
		began := time.Now()
		cancel(cause)
		_, err := f.Await(t.Context())
		assert.Zero(t, time.Since(began), "the end of a pause")
		for _, want := range []error{errBusy, cause, context.Canceled} {
			assert.ErrorIs(t, err, want)
		}
		assert.NotErrorIs(t, err, desync.ErrNotRun, "it has run")
		assert.Equal(t, 1, tries)
		assert.ErrorContains(t, err, "the context ended before the next attempt: over")

		resume := d.Suspend()
		ctx, cancel = context.WithCancelCause(t.Context())
		f = call(ctx, p, d, job) // before its turn
		synctest.Wait()
		cancel(cause)
		_, err = f.Await(t.Context())
		assert.ErrorIs(t, err, desync.ErrNotRun)
		assert.ErrorIs(t, err, cause)
		_, err = call(ctx, p, d, job).Await(t.Context()) // before the call
		assert.ErrorIs(t, err, desync.ErrNotRun)
		assert.ErrorIs(t, err, cause)
		resume()
		assert.Equal(t, 1, tries)
		d.Do(func(*int) {})
	})
}

// With GiveBack, the object is busy when the context ends, after a first attempt.
func TestTheContextEndsBeforeTheSecondTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, call := range calls {
			d := desync.New(0)
			ctx, cancel := context.WithCancel(t.Context())
			f := call(ctx, retry.Policy{Pause: retry.Constant(time.Second), GiveBack: true}, d, func(context.Context, *int) error { return errBusy })
			synctest.Wait()
			resume := d.Suspend()
			time.Sleep(time.Minute)
			synctest.Wait()
			cancel()
			_, err := f.Await(t.Context())
			assert.ErrorIs(t, err, errBusy)
			assert.ErrorIs(t, err, context.Canceled)
			resume()
			d.Do(func(*int) {})
		}
	})
}

// The context ends when no wait is noted that it could end, since the length of the pause is just
// being asked for. The future fails at once all the same, although the object is busy by then.
func TestCAN1_TheContextEndsBetweenTwoWaits(t *testing.T) {
	for _, pause := range []time.Duration{0, time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			d := desync.New(0)
			ctx, cancel := context.WithCancel(t.Context())
			var resume func()
			p := retry.Policy{GiveBack: true, Pause: func(int) time.Duration {
				resume = d.Suspend()
				cancel()
				time.Sleep(time.Millisecond)
				return pause
			}}
			began := time.Now()
			_, err := retry.Future(ctx, p, d, func(context.Context, *int) (int, error) { return 0, errBusy }).Await(t.Context())
			assert.Equal(t, time.Millisecond, time.Since(began))
			assert.ErrorIs(t, err, errBusy)
			assert.ErrorIs(t, err, context.Canceled)
			resume()
			d.Do(func(*int) {})
		})
	}
}

// The turn comes as soon as the context has ended, perhaps before anybody has taken the job out.
func TestCAN1_TheTurnComesWhenTheContextHasEnded(t *testing.T) {
	for range 1000 {
		d := desync.New(0)
		ctx, cancel := context.WithCancel(t.Context())
		resume := d.Suspend()
		var ran atomic.Bool
		f := retry.Future(ctx, retry.Policy{}, d, func(context.Context, *int) (int, error) { ran.Store(true); return 0, nil })
		cancel()
		resume()
		_, err := f.Await(t.Context())
		require.ErrorIs(t, err, desync.ErrNotRun)
		d.Do(func(*int) {})
		require.False(t, ran.Load())
	}
}

// The object keeps no place of a job whose context has ended, even while it is busy.
func TestCAN4_GivenUpJobsAreLetGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, p := range []retry.Policy{{}, {GiveBack: true, Pause: retry.Constant(time.Second)}} {
			d := desync.New(0)
			var resume func()
			if !p.GiveBack {
				resume = d.Suspend()
			}
			var cancels []func()
			for range 1000 {
				ctx, cancel := context.WithCancel(t.Context())
				cancels = append(cancels, cancel)
				retry.Future(ctx, p, d, func(context.Context, *int) (int, error) { return 0, errBusy })
			}
			if p.GiveBack { // all have failed once, and wait for their second turn
				synctest.Wait()
				resume = d.Suspend()
				time.Sleep(time.Minute)
			}
			synctest.Wait()
			require.Equal(t, 1001, d.Pending(), "with the suspension")
			for _, cancel := range cancels {
				cancel()
			}
			synctest.Wait()
			assert.Less(t, d.Pending(), 40)
			resume()
			d.Do(func(*int) {})
		}
	})
}
