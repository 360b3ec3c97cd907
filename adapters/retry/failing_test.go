package retry_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/go-desync/go-desync/adapters/retry"
	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

func TestFunctionsThatDoNotReturn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, giveBack := range []bool{false, true} {
			for _, fail := range []func(){func() { panic("no") }, runtime.Goexit} {
				for _, inPause := range []bool{false, true} {
					d := desync.New(0)
					p := retry.Policy{GiveBack: giveBack, Pause: func(int) time.Duration { fail(); return 0 }}
					job := func(context.Context, *int) error {
						if !inPause {
							fail()
						}
						return errBusy
					}
					_, err := retry.Future(t.Context(), p, d, func(ctx context.Context, n *int) (int, error) { return 0, job(ctx, n) }).Await(t.Context())
					_, panicked := errors.AsType[*futures.PanicError](err)
					assert.True(t, panicked || errors.Is(err, futures.ErrGoexit), "the error is %v", err)
					ended := make(chan any)
					go func() {
						defer func() { ended <- recover() }()
						retry.Do(t.Context(), p, d, job)
					}()
					<-ended
					d.Do(func(*int) {})
				}
			}
		}
	})
}

func TestKeysWithoutAValue(t *testing.T) {
	each(t, func(t *testing.T, giveBack bool, _ desync.Object[int], call func(context.Context, retry.Policy, desync.Object[int], func(context.Context, *int) error) *futures.Future[int]) {
		noValue := errors.New("no such file")
		m := desync.NewMapContext(func(context.Context, string) (int, error) { return 0, noValue }, func(string, error) {})
		_, err := call(t.Context(), retry.Policy{GiveBack: giveBack}, m.At("a"), func(context.Context, *int) error { t.Error("it ran"); return nil }).Await(t.Context())
		assert.ErrorIs(t, err, noValue)
	})
}

type breaking struct {
	desync.NopObserver
	left int // calls that go well
}

func (b *breaking) Queued(desync.JobInfo) {
	if b.left--; b.left == -1 {
		panic("metrics")
	}
}

func TestPAN6_AnObserverThatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		job := func(context.Context, *int) (int, error) { return 0, errBusy }
		p := retry.Policy{GiveBack: true, Pause: retry.Constant(time.Second)}
		assert.PanicsWithValue(t, "metrics", func() {
			retry.Future(t.Context(), p, desync.New(0, desync.WithObserver(&breaking{})), job)
		})
		_, err := retry.Future(t.Context(), p, desync.New(0, desync.WithObserver(&breaking{left: 1})), job).Await(t.Context())
		assert.ErrorIs(t, err, errBusy, "the second turn")
		assert.ErrorContains(t, err, "metrics")
	})
}
