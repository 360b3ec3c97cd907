package pipe_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-desync/go-desync/adapters/internal/misuse"
	"github.com/go-desync/go-desync/adapters/pipe"
	"github.com/go-desync/go-desync/conformance/bridge"
	"github.com/go-desync/go-desync/desync"
)

// The items whose job has not run come back in order, whether their turn never comes or comes
// after the end.
func TestInGivesBackWhatHasNotRun(t *testing.T) {
	for _, after := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			d := desync.New(0)
			ctx, cancel := context.WithCancel(t.Context())
			var resume func()
			f := pipe.In(ctx, d, counted(new(int)), 40, func(_ context.Context, _ *int, v int) error {
				if v == 2 {
					resume = d.Suspend()
				}
				return nil
			})
			synctest.Wait()
			d.Async(func(*int) {})
			if after {
				cancel()
				resume()
			} else {
				cancel()
			}
			r := report(t, f)
			require.NotZero(t, r.NotRun)
			want := make([]int, r.NotRun)
			for i := range want {
				want[i] = r.Run + i
			}
			assert.Equal(t, want, r.Left)
			stopped, ok := errors.AsType[*pipe.StoppedError](r.Err)
			require.True(t, ok)
			assert.Len(t, stopped.Left, r.NotRun)
			resume()
			d.Do(func(*int) {})
		})
	}
}

func TestAStageGivesBackWhatHasNotRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := desync.New(0)
		ctx, cancel := context.WithCancel(t.Context())
		s := pipe.Through(ctx, d, slices.Values([]string{"a", "b", "c", "d"}), 3, func(_ context.Context, _ *int, v string) (string, error) {
			if v == "b" {
				cancel()
			}
			return v, nil
		})
		resume := d.Suspend()
		go func() {
			synctest.Wait() // three items are taken
			resume()
		}()
		var got []string
		for v, err := range s.All() {
			if stopped, ok := errors.AsType[*pipe.StoppedError](err); ok {
				for _, item := range stopped.Left {
					got = append(got, "left "+item.(string))
				}
				continue
			}
			got = append(got, v)
		}
		assert.Contains(t, got, "left c")
		assert.NotContains(t, got, "left a")
		assert.NotContains(t, got, "left b")
	})
}

// A nil item of an interface type is given back as it is.
func TestInGivesBackNil(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := desync.New(0)
		resume := d.Suspend()
		ctx, cancel := context.WithCancel(t.Context())
		f := pipe.In(ctx, d, slices.Values([]error{nil, context.Canceled}), 4, func(context.Context, *int, error) error { return nil })
		synctest.Wait()
		cancel()
		r, err := f.Await(t.Context())
		require.NoError(t, err)
		assert.Equal(t, []error{nil, context.Canceled}, r.Left)
		resume()
	})
}

func TestInByKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := desync.NewMap(func(int) []int { return nil })
		resume := m.At(0).Suspend() // a key that is held delays no other
		items := []int{1, 2, 3, 4, 5, 6, 7, 8, 9}
		var others atomic.Int64
		f := pipe.InByKey(t.Context(), m, slices.Values(items), func(v int) int { return v % 3 }, 9, func(_ context.Context, got *[]int, v int) error {
			*got = append(*got, v)
			if v%3 > 0 {
				others.Add(1)
			}
			if v == 8 || v == 4 {
				return errors.New("item " + string(rune('0'+v)))
			}
			return nil
		})
		synctest.Wait()
		assert.EqualValues(t, 6, others.Load())
		resume()
		r, err := f.Await(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 9, r.Run)
		assert.Equal(t, 2, r.Failed)
		assert.EqualError(t, r.Err, "item 4", "the first in the order of the source")
		for key := range 3 {
			assert.Len(t, m.At(key).Sync(func(got *[]int) []int { return *got }), 3)
			assert.IsIncreasing(t, m.At(key).Sync(func(got *[]int) []int { return *got }))
		}
	})
}

func TestInByKeyWithBadKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := desync.NewMap(func(key any) int {
			if key == "no value" {
				panic(key)
			}
			return 0
		})
		f := pipe.InByKey(t.Context(), m, slices.Values([]any{1, []int{}, "no value", 2, "panic"}), func(v any) any {
			if v == "panic" {
				panic("no key")
			}
			return v
		}, 2, func(_ context.Context, n *int, _ any) error { *n++; return nil })
		r, err := f.Await(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 3, r.Run, "one of them had no value to run on")
		assert.Equal(t, 3, r.Failed)
		assert.Equal(t, 2, m.At(1).Sync(func(n *int) int { return *n })+m.At(2).Sync(func(n *int) int { return *n }))
	})
	job := func(context.Context, *int, int) error { return nil }
	m := desync.NewMap(func(int) int { return 0 })
	key := func(v int) int { return v }
	misuse.Check(t, "pipe", map[string]func(){
		"context": func() { pipe.InByKey(nil, m, slices.Values([]int{}), key, 1, job) },
		"map":     func() { pipe.InByKey(t.Context(), (*desync.Map[int, int])(nil), slices.Values([]int{}), key, 1, job) },
		"source":  func() { pipe.InByKey(t.Context(), m, (chan int)(nil), key, 1, job) },
		"key":     func() { pipe.InByKey(t.Context(), m, slices.Values([]int{}), nil, 1, job) },
		"depth":   func() { pipe.InByKey(t.Context(), m, slices.Values([]int{}), key, 0, job) },
		"job":     func() { pipe.InByKey[int, int, int](t.Context(), m, slices.Values([]int{}), key, 1, nil) },
	})
}

func TestOrderOfInByKey(t *testing.T) {
	err := bridge.Check(t.Context(), func(observe func(item int)) (push func(item int) error, finish func() error) {
		m := desync.NewMap(func(int) int { return 0 })
		items := make(chan int)
		f := pipe.InByKey(t.Context(), m, items, func(int) int { return 7 }, 5, func(_ context.Context, _ *int, v int) error { observe(v); return nil })
		return func(item int) error { items <- item; return nil }, func() error {
			close(items)
			_, err := f.Await(t.Context())
			return err
		}
	})
	if err != nil {
		t.Error(err)
	}
}

// An item that was received just as the context ended was taken: it is run or given back.
func TestAnItemThatComesAsTheContextEndsIsNotLost(t *testing.T) {
	for i := range 2000 {
		d := desync.New(0)
		ctx, cancel := context.WithCancel(t.Context())
		c := make(chan int)
		f := pipe.In(ctx, d, c, 4, func(_ context.Context, _ *int, _ int) error { return nil })
		c <- i
		cancel()
		r := report(t, f)
		require.Equal(t, 1, r.Run+r.NotRun, "items that have run and that have not, after 1 was received")
		require.Len(t, r.Left, r.NotRun)
	}
}
