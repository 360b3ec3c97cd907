package cond_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-desync/go-desync/adapters/cond"
	"github.com/go-desync/go-desync/adapters/internal/bubbles"
	"github.com/go-desync/go-desync/adapters/internal/misuse"
	"github.com/go-desync/go-desync/adapters/internal/showtest"
	"github.com/go-desync/go-desync/conformance/bridge"
	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

func atLeast(n int) func(*int) bool { return func(v *int) bool { return *v >= n } }

func take(n int) func(context.Context, *int) (int, error) {
	return func(_ context.Context, v *int) (int, error) { *v -= n; return *v, nil }
}

func add(n int) func(*int) { return func(v *int) { *v += n } }

func TestAJobWaitsUntilItsConditionHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := desync.NewMap(func(string) int { return 0 })
		for name, d := range map[string]desync.Object[int]{"plain": desync.New(0), "key": m.At("a")} {
			c := cond.New(d)
			for how, change := range map[string]func(){
				"Async":     func() { c.Async(add(1)) },
				"Do":        func() { c.Do(add(1)) },
				"DoContext": func() { c.DoContext(t.Context(), func(_ context.Context, v *int) error { *v++; return nil }) },
				"Look":      func() { d.Do(add(1)); c.Look() },
				"Check":     func() { d.Do(func(v *int) { *v++; c.Check(v) }) },
				"When": func() {
					c.When(t.Context(), atLeast(0), func(_ context.Context, v *int) (int, error) { *v++; return 0, nil })
				},
			} {
				f := c.When(t.Context(), atLeast(3), take(3))
				for n := range 3 {
					synctest.Wait()
					_, settled := f.Try()
					assert.False(t, settled, "%s, %s: after %d changes", name, how, n)
					change()
				}
				v, err := f.Await(t.Context())
				assert.NoError(t, err)
				assert.Zero(t, v, "%s, %s", name, how)
			}
			v, err := c.When(t.Context(), atLeast(0), take(0)).Await(t.Context())
			assert.NoError(t, err, "a condition that holds")
			assert.Zero(t, v)
		}
	})
}

// The condition holds between two jobs only: it is looked at after each.
func TestAConditionThatHoldsForOneMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := desync.New(0)
		c := cond.New(d)
		f := c.When(t.Context(), atLeast(1), take(0))
		synctest.Wait()
		resume := d.Suspend()
		c.Async(add(1))
		c.Async(add(-1))
		resume()
		v, err := f.Await(t.Context())
		assert.NoError(t, err)
		assert.Equal(t, 1, v)
	})
}

func TestJobsThatWaitRunInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := desync.New(0)
		c := cond.New(d)
		var got []int
		for i, need := range []int{5, 2, 2, 1} {
			c.When(t.Context(), atLeast(need), func(_ context.Context, v *int) (int, error) { *v -= need; got = append(got, i); return 0, nil })
		}
		synctest.Wait()
		c.Do(add(3))
		assert.Equal(t, []int{1, 3}, got, "the first whose condition holds, and then those for which something is left")
		c.Do(add(7))
		assert.Equal(t, []int{1, 3, 0, 2}, got)
		showtest.Check(t, c, "idle")
	})
}

func TestCAN1_WhenWithAContextThatEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := desync.New(0)
		c := cond.New(d)
		never := func(context.Context, *int) (int, error) { t.Error("it ran"); return 0, nil }
		cause := errors.New("over")
		ctx, cancel := context.WithCancelCause(t.Context())
		inLine := c.When(ctx, atLeast(1), never)
		synctest.Wait()
		showtest.Check(t, c, "busy, 1 waiting")
		resume := d.Suspend()
		queued := c.When(ctx, atLeast(0), never) // the object is busy
		cancel(cause)
		for _, f := range []*futures.Future[int]{inLine, queued, c.When(ctx, atLeast(0), never)} {
			_, err := f.Await(t.Context())
			assert.ErrorIs(t, err, desync.ErrNotRun)
			assert.ErrorIs(t, err, context.Canceled)
			assert.ErrorIs(t, err, cause)
		}
		resume()
		c.Do(add(5))
		showtest.Check(t, c, "idle")
	})
}

func TestFunctionsThatDoNotReturn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, fail := range []func(){func() { panic("no") }, runtime.Goexit} {
			d := desync.New(0)
			c := cond.New(d)
			broken := false
			condition := c.When(t.Context(), func(*int) bool {
				if broken {
					fail()
				}
				return false
			}, take(0))
			job := c.When(t.Context(), atLeast(1), func(context.Context, *int) (int, error) { fail(); return 0, nil })
			behind := c.When(t.Context(), atLeast(1), take(1))
			synctest.Wait()
			broken = true
			c.Async(add(1))
			c.Async(add(0)) // a Goexit has ended the look, and the next job looks again
			c.Async(add(0))
			for _, f := range []*futures.Future[int]{condition, job} {
				_, err := f.Await(t.Context())
				_, panicked := errors.AsType[*futures.PanicError](err)
				assert.True(t, panicked || errors.Is(err, futures.ErrGoexit), "the error is %v", err)
			}
			v, err := behind.Await(t.Context())
			assert.NoError(t, err)
			assert.Zero(t, v)
		}
	})
}

func TestALookAfterAJobThatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := cond.New(desync.New(0))
		f := c.When(t.Context(), atLeast(1), take(1))
		synctest.Wait()
		assert.PanicsWithValue(t, "no", func() { c.Do(func(v *int) { *v++; panic("no") }) })
		_, err := f.Await(t.Context())
		assert.NoError(t, err)
	})
}

func TestKeysWithoutAValue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		noValue := errors.New("no such file")
		m := desync.NewMapContext(func(context.Context, string) (int, error) { return 0, noValue }, func(string, error) {})
		_, err := cond.New(m.At("a")).When(t.Context(), atLeast(0), take(0)).Await(t.Context())
		assert.ErrorIs(t, err, noValue)
	})
}

type breaking struct {
	desync.NopObserver
	broken bool
}

func (b *breaking) Queued(desync.JobInfo) {
	if b.broken {
		panic("metrics")
	}
}

func TestPAN6_AnObserverThatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &breaking{broken: true}
		c := cond.New(desync.New(0, desync.WithObserver(o)))
		ctx, cancel := context.WithCancel(t.Context())
		assert.PanicsWithValue(t, "metrics", func() {
			c.When(ctx, atLeast(0), func(context.Context, *int) (int, error) { t.Error("it ran"); return 0, nil })
		})
		o.broken = false
		cancel()
		c.Do(add(1))
		showtest.Check(t, c, "idle")
	})
}

func TestNilArguments(t *testing.T) {
	c := cond.New(desync.New(0))
	misuse.Check(t, "cond", map[string]func(){
		"New":            func() { cond.New[int](nil) },
		"New nil":        func() { cond.New((*desync.Desync[int])(nil)) },
		"When context":   func() { c.When(nil, atLeast(0), take(0)) },
		"When condition": func() { c.When(t.Context(), nil, take(0)) },
		"When job":       func() { c.When[int](t.Context(), atLeast(0), nil) },
		"Async":          func() { c.Async(nil) },
		"Do":             func() { c.Do(nil) },
		"DoContext":      func() { c.DoContext(t.Context(), nil) },
	})
	showtest.Nil(t, (*cond.Cond[int])(nil))
}

func TestSYN3_InBubblesAndOutside(t *testing.T) {
	c := cond.New(desync.New(0))
	bubbles.Try(t, func(t *testing.T) {
		f := c.When(t.Context(), atLeast(1), take(1))
		c.Do(add(1))
		_, err := f.Await(t.Context())
		require.NoError(t, err)
	})
}

// Consumers and producers, some of whom give up: what was put in is taken or left.
func TestUnderLoad(t *testing.T) {
	const producers, each = 4, 500
	c := cond.New(desync.New(0))
	var all sync.WaitGroup
	taken := desync.New(0)
	for range producers {
		all.Go(func() {
			for range each {
				c.Async(add(1))
			}
		})
		all.Go(func() {
			for i := range each {
				ctx, cancel := context.WithCancel(t.Context())
				if i%5 == 0 {
					go cancel()
				}
				_, err := c.When(ctx, atLeast(1), func(_ context.Context, v *int) (int, error) { *v--; taken.Async(add(1)); return 0, nil }).Await(t.Context())
				if err != nil {
					assert.ErrorIs(t, err, desync.ErrNotRun)
				}
				cancel()
			}
		})
	}
	all.Wait()
	left := 0
	c.Do(func(v *int) { left = *v })
	assert.Equal(t, producers*each, left+taken.Sync(func(n *int) int { return *n }))
}

func TestOrder(t *testing.T) {
	err := bridge.Check(t.Context(), func(observe func(item int)) (push func(item int) error, finish func() error) {
		d := desync.New(0)
		c := cond.New(d)
		push = func(item int) error {
			if item%2 == 0 {
				c.Async(func(*int) { observe(item) })
			} else {
				c.When(t.Context(), atLeast(0), func(context.Context, *int) (int, error) { observe(item); return 0, nil })
			}
			return nil
		}
		return push, func() error { c.Do(func(*int) {}); return nil }
	})
	if err != nil {
		t.Error(err)
	}
}
