package retry_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-desync/go-desync/adapters/internal/bubbles"
	"github.com/go-desync/go-desync/adapters/internal/misuse"
	"github.com/go-desync/go-desync/adapters/retry"
	"github.com/go-desync/go-desync/conformance/bridge"
	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

var errBusy = errors.New("busy")

// calls are Do, on a goroutine, and Future, which all tests try.
var calls = map[string]func(ctx context.Context, p retry.Policy, d desync.Object[int], job func(context.Context, *int) error) *futures.Future[int]{
	"Do": func(ctx context.Context, p retry.Policy, d desync.Object[int], job func(context.Context, *int) error) *futures.Future[int] {
		return futures.Go(context.Background(), func(context.Context) (int, error) { return 0, retry.Do(ctx, p, d, job) })
	},
	"Future": func(ctx context.Context, p retry.Policy, d desync.Object[int], job func(context.Context, *int) error) *futures.Future[int] {
		return retry.Future(ctx, p, d, func(ctx context.Context, n *int) (int, error) { return 0, job(ctx, n) })
	},
}

// each runs a test for each call, plain objects and keys, and each way to pause.
func each(t *testing.T, test func(t *testing.T, giveBack bool, d desync.Object[int], call func(ctx context.Context, p retry.Policy, d desync.Object[int], job func(context.Context, *int) error) *futures.Future[int])) {
	for name, call := range calls {
		for _, giveBack := range []bool{false, true} {
			for _, key := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/giveBack=%t/key=%t", name, giveBack, key), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						var d desync.Object[int] = desync.New(0)
						if key {
							d = desync.NewMap(func(string) int { return 0 }).At("a")
						}
						test(t, giveBack, d, call)
					})
				})
			}
		}
	}
}

func TestAJobIsTriedAgainUntilItSucceeds(t *testing.T) {
	each(t, func(t *testing.T, giveBack bool, d desync.Object[int], call func(context.Context, retry.Policy, desync.Object[int], func(context.Context, *int) error) *futures.Future[int]) {
		began, tries := time.Now(), 0
		var pauses []int
		p := retry.Policy{Attempts: 4, GiveBack: giveBack, Pause: func(n int) time.Duration {
			pauses = append(pauses, n)
			return time.Duration(n) * time.Second
		}}
		f := call(t.Context(), p, d, func(_ context.Context, n *int) error {
			*n = 1
			if tries++; tries < 4 {
				return errBusy
			}
			*n = 2
			return nil
		})
		synctest.Wait()
		other := time.Now()
		overtook := 0
		d.Do(func(n *int) { overtook = *n; other = time.Now() })
		_, err := f.Await(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 4, tries)
		assert.Equal(t, []int{1, 2, 3}, pauses)
		assert.Equal(t, 6*time.Second, time.Since(began))
		if giveBack {
			assert.Equal(t, 1, overtook, "another job goes first during the pause")
			assert.Zero(t, other.Sub(began))
		} else {
			assert.Equal(t, 2, overtook, "the object is held through the pauses")
			assert.Equal(t, 6*time.Second, other.Sub(began))
		}
	})
}

func TestTheLastErrorOfAllAttempts(t *testing.T) {
	each(t, func(t *testing.T, giveBack bool, d desync.Object[int], call func(context.Context, retry.Policy, desync.Object[int], func(context.Context, *int) error) *futures.Future[int]) {
		tries := 0
		_, err := call(t.Context(), retry.Policy{Attempts: 3, GiveBack: giveBack}, d, func(context.Context, *int) error {
			tries++
			return fmt.Errorf("try %d: %w", tries, errBusy)
		}).Await(t.Context())
		failed, ok := errors.AsType[*retry.Error](err)
		require.True(t, ok, "the error is %v", err)
		assert.Equal(t, 3, failed.Attempts)
		assert.ErrorIs(t, err, errBusy)
		assert.EqualError(t, err, "retry: attempt 3 has failed: try 3: busy")
		assert.NotErrorIs(t, err, desync.ErrNotRun)

		tries = 0
		_, err = call(t.Context(), retry.Policy{GiveBack: giveBack}, d, func(context.Context, *int) error {
			tries++
			return retry.Permanent(errBusy)
		}).Await(t.Context())
		assert.Equal(t, 1, tries, "a permanent error")
		assert.ErrorIs(t, err, errBusy)
	})
}

func TestPauses(t *testing.T) {
	pause := retry.Exponential(100*time.Millisecond, time.Minute)
	for n, want := range map[int]time.Duration{1: 100 * time.Millisecond, 2: 200 * time.Millisecond, 5: 1600 * time.Millisecond, 11: time.Minute, 70: time.Minute, 1 << 40: time.Minute} {
		for range 100 {
			got := pause(n)
			assert.True(t, got <= want && got >= want-want/4, "pause %d is %v; want up to %v", n, got, want)
		}
	}
	pauses := make(map[time.Duration]bool)
	for range 100 {
		pauses[pause(11)] = true
	}
	assert.Greater(t, len(pauses), 1, "those that have failed together are tried again together")
	for n := range 3 {
		assert.Equal(t, time.Second, retry.Constant(time.Second)(n+1))
	}
	misuse.Check(t, "retry", map[string]func(){
		"Exponential, no pause":        func() { retry.Exponential(0, 1) },
		"Exponential, a pause below 0": func() { retry.Exponential(-1, 1) },
		"Exponential, too short":       func() { retry.Exponential(2, 1) },
	})
	assert.NoError(t, retry.Permanent(nil))
	assert.EqualError(t, retry.Permanent(errBusy), "busy")
}

func TestBadArguments(t *testing.T) {
	d := desync.New(0)
	do := func(context.Context, *int) error { return nil }
	future := func(context.Context, *int) (int, error) { return 0, nil }
	bad := retry.Policy{Attempts: -1}
	var p retry.Policy
	misuse.Check(t, "retry", map[string]func(){
		"Do context":      func() { retry.Do(nil, p, d, do) },
		"Do object":       func() { retry.Do[int](t.Context(), p, nil, do) },
		"Do job":          func() { retry.Do[int](t.Context(), p, d, nil) },
		"Do attempts":     func() { retry.Do(t.Context(), bad, d, do) },
		"Future context":  func() { retry.Future(nil, p, d, future) },
		"Future object":   func() { retry.Future(t.Context(), p, (*desync.Desync[int])(nil), future) },
		"Future job":      func() { retry.Future[int, int](t.Context(), p, d, nil) },
		"Future attempts": func() { retry.Future(t.Context(), bad, d, future) },
	})
}

func TestRunTriesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, tries := retry.Policy{Attempts: 3, Pause: retry.Constant(time.Second)}, 0
		began := time.Now()
		err := p.Run(t.Context(), func(context.Context) error { tries++; return errBusy })
		failed, ok := errors.AsType[*retry.Error](err)
		require.True(t, ok)
		assert.Equal(t, []int{3, 3}, []int{tries, failed.Attempts})
		assert.Equal(t, 2*time.Second, time.Since(began))
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err = p.Run(ctx, func(context.Context) error { tries++; return errBusy })
		assert.Equal(t, 4, tries)
		assert.ErrorIs(t, err, context.Canceled)
		assert.ErrorIs(t, err, errBusy)
		attempt := func(context.Context) error { return nil }
		misuse.Check(t, "retry", map[string]func(){
			"Run context":  func() { p.Run(nil, attempt) },
			"Run attempt":  func() { p.Run(t.Context(), nil) },
			"Run attempts": func() { retry.Policy{Attempts: -1}.Run(t.Context(), attempt) },
			"Run GiveBack": func() { retry.Policy{GiveBack: true}.Run(t.Context(), attempt) },
		})
	})
}

func TestSYN3_InBubblesAndOutside(t *testing.T) {
	d := desync.New(0)
	bubbles.Try(t, func(t *testing.T) {
		for _, giveBack := range []bool{false, true} {
			tries := 0
			_, err := retry.Future(t.Context(), retry.Policy{Pause: retry.Constant(time.Millisecond), GiveBack: giveBack}, d, func(context.Context, *int) (int, error) {
				if tries++; tries < 3 {
					return 0, errBusy
				}
				return tries, nil
			}).Await(t.Context())
			require.NoError(t, err)
			d.Do(func(*int) {}) // the future settles before the turn of its job has ended
		}
	})
}

func TestOrder(t *testing.T) {
	err := bridge.Check(t.Context(), func(observe func(item int)) (push func(item int) error, finish func() error) {
		d := desync.New(0)
		push = func(item int) error {
			tries := 0
			retry.Future(t.Context(), retry.Policy{}, d, func(context.Context, *int) (int, error) {
				if tries++; tries <= item%3 {
					return 0, errBusy
				}
				observe(item)
				return 0, nil
			})
			return nil
		}
		return push, func() error { d.Do(func(*int) {}); return nil }
	})
	if err != nil {
		t.Error(err)
	}
}
