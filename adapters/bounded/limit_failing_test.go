package bounded_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-desync/go-desync/adapters/bounded"
	"github.com/go-desync/go-desync/adapters/internal/bubbles"
	"github.com/go-desync/go-desync/adapters/internal/misuse"
	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

func TestJobsOfALimitThatDoNotReturn(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		told := 0
		l, d := bounded.NewLimit(1), desync.New(0, desync.WithPanicHandler(func(*desync.PanicError) { told++ }))
		for _, fail := range []func(){func() { panic("no") }, runtime.Goexit} {
			require.NoError(t, l.Async(t.Context(), d, func(context.Context, *int) { fail() }))
			f := l.Future(t.Context(), d, func(context.Context, *int) (int, error) { fail(); return 0, nil })
			_, err := f.Await(t.Context())
			_, panicked := errors.AsType[*futures.PanicError](err)
			assert.True(t, panicked || errors.Is(err, futures.ErrGoexit), "the error is %v", err)
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				defer func() { recover() }()
				l.Do(t.Context(), d, func(context.Context, *int) error { fail(); return nil })
			}()
			<-ended
			require.NoError(t, l.Do(t.Context(), d, func(_ context.Context, n *int) error { *n++; return nil }))
		}
		require.NoError(t, l.Wait(t.Context()))
		synctest.Wait()
		assert.Equal(t, 1, told, "panics of jobs of Async that the handler is told of")
	})
}

func TestLimitOnKeysWithoutAValue(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		noValue := errors.New("no such file")
		m := desync.NewMapContext(func(context.Context, string) (int, error) { return 0, noValue }, func(string, error) {})
		l := bounded.NewLimit(1)
		job := func(context.Context, *int) error { t.Error("it ran"); return nil }
		require.NoError(t, l.Async(t.Context(), m.At("a"), func(ctx context.Context, n *int) { job(ctx, n) }))
		_, err := l.Future(t.Context(), m.At("a"), func(ctx context.Context, n *int) (int, error) { return 0, job(ctx, n) }).Await(t.Context())
		assert.ErrorIs(t, err, noValue)
		assert.ErrorIs(t, l.Do(t.Context(), m.At("a"), job), noValue)
		require.NoError(t, l.Wait(t.Context()))
		synctest.Wait() // the last job has told its caller, and Wait, before its key is gone
		assert.Zero(t, m.Len())
	})
}

func TestPAN6_ObserversOfObjectsOfALimit(t *testing.T) {
	for how, fail := range map[string]func(){"panic": func() { panic("metrics") }, "Goexit": runtime.Goexit} {
		for _, hook := range []string{"Queued", "Started", "Finished"} {
			for _, call := range []string{"Async", "Do"} {
				bubbles.Run(t, func(t *testing.T) {
					o := &breaking{broken: hook, fail: fail}
					d := desync.New(0, desync.WithObserver(o), desync.WithPanicHandler(func(*desync.PanicError) {}))
					l := bounded.NewLimit(1)
					go func() {
						defer func() { recover() }()
						if call == "Async" {
							l.Async(t.Context(), d, func(_ context.Context, n *int) { *n++ })
						} else {
							l.Do(t.Context(), d, func(_ context.Context, n *int) error { *n++; return nil })
						}
					}()
					synctest.Wait()
					o.broken = ""
					assert.NoError(t, l.Do(t.Context(), d, func(context.Context, *int) error { return nil }), "%s in %s of %s", how, hook, call)
					assert.NoError(t, l.Wait(t.Context()), "%s in %s of %s", how, hook, call)
				})
			}
		}
	}
}

// The turn that a stalled job is given again cannot be queued: its caller learns it, and the
// others go on.
func TestPAN6_AnObserverKeepsAJobFromItsSecondTurn(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		o := &breaking{fail: func() { panic("metrics") }}
		busy := desync.New(0)
		d, other := desync.New(0, desync.WithObserver(o)), desync.New(0)
		l := bounded.NewLimit(1)
		release := hold(t, l, busy)
		f := l.Future(t.Context(), d, func(context.Context, *int) (int, error) { return 1, nil })
		g := l.Future(t.Context(), other, func(context.Context, *int) (int, error) { return 2, nil })
		synctest.Wait()
		o.broken = "Queued"
		release()
		_, err := f.Await(t.Context())
		assert.ErrorIs(t, err, desync.ErrNotRun)
		assert.ErrorContains(t, err, "metrics")
		v, err := g.Await(t.Context())
		assert.NoError(t, err)
		assert.Equal(t, 2, v)
		require.NoError(t, l.Wait(t.Context()))
	})
}

func TestNilArgumentsOfALimit(t *testing.T) {
	l, d := bounded.NewLimit(1), desync.New(0)
	async := func(context.Context, *int) {}
	do := func(context.Context, *int) error { return nil }
	misuse.Check(t, "bounded", map[string]func(){
		"NewLimit 0":       func() { bounded.NewLimit(0) },
		"NewLimit -1":      func() { bounded.NewLimit(-1) },
		"SetLimit":         func() { l.SetLimit(0) },
		"Async context":    func() { l.Async(nil, d, async) },
		"Async object":     func() { l.Async(t.Context(), (*desync.Desync[int])(nil), async) },
		"Async nil object": func() { l.Async[int](t.Context(), nil, async) },
		"Async job":        func() { l.Async[int](t.Context(), d, nil) },
		"Do context":       func() { l.Do(nil, d, do) },
		"Do object":        func() { l.Do[int](t.Context(), nil, do) },
		"Do job":           func() { l.Do[int](t.Context(), d, nil) },
		"Future job":       func() { l.Future[int, int](t.Context(), d, nil) },
		"Close":            func() { l.Close(nil) },
		"Wait":             func() { l.Wait(nil) },
	})
	assert.NoError(t, l.Wait(t.Context()))
}
