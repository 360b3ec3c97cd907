//go:build race || desyncdebug

package pipe_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-desync/go-desync/adapters/pipe"
	"github.com/go-desync/go-desync/desync"
)

// wantRing fails unless err is a DeadlockError over the objects with these names, in
// this order from any of them on.
func wantRing(t *testing.T, err any, names ...string) {
	t.Helper()
	e, _ := err.(error)
	ring, ok := errors.AsType[*desync.DeadlockError](e)
	require.Truef(t, ok, "NST-3: the error is %v; want a DeadlockError", err)
	var got []string
	for _, w := range ring.Ring {
		if w.Object != "the source of a pipe" { // a goroutine that waits on the way, or has just begun to
			got = append(got, strings.Trim(w.Object, `"`))
		}
	}
	for range got {
		if slices.Equal(got, names) {
			return
		}
		got = append(got[1:], got[0])
	}
	t.Errorf("NST-3: the ring is over %q; want %q", got, names)
}

func contextFor(t *testing.T, mayEnd bool) context.Context {
	if mayEnd {
		return t.Context()
	}
	return context.Background()
}

func same(_ context.Context, _ *int, v int) (int, error) { return v, nil }

func ints(vs ...int) <-chan int {
	c := make(chan int, len(vs))
	for _, v := range vs {
		c <- v
	}
	close(c)
	return c
}

// last returns what a stage gives.
func last(s *pipe.Stage[int]) (all []int, err error) {
	for v, e := range s.All() {
		if e != nil {
			err = e
			continue
		}
		all = append(all, v)
	}
	return all, err
}

// A job waits for the results of a stage on its own object, or on the object of an
// earlier stage.
func TestNST3_AllInAJobOfTheObject(t *testing.T) {
	for _, depth := range []int{1, 3} {
		for name, stage := range map[string]func(ctx context.Context, d *desync.Desync[int], m *desync.Map[string, int]) *pipe.Stage[int]{
			"Through": func(ctx context.Context, d *desync.Desync[int], _ *desync.Map[string, int]) *pipe.Stage[int] {
				return pipe.Through(ctx, d, ints(1, 2, 3), depth, same)
			},
			"the stage before": func(ctx context.Context, d *desync.Desync[int], _ *desync.Map[string, int]) *pipe.Stage[int] {
				return pipe.Through(ctx, desync.New(0), pipe.Through(ctx, d, ints(1, 2, 3), depth, same), depth, same)
			},
			"the one before that": func(ctx context.Context, d *desync.Desync[int], _ *desync.Map[string, int]) *pipe.Stage[int] {
				first := pipe.Through(ctx, d, ints(1, 2, 3), depth, same)
				return pipe.Through(ctx, desync.New(0), pipe.Through(ctx, desync.New(0), first, depth, same), depth, same)
			},
		} {
			for _, mayEnd := range []bool{false, true} {
				t.Run(fmt.Sprint(name, ", a context that may end: ", mayEnd), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						ctx := contextFor(t, mayEnd)
						d := desync.New(0, desync.WithName("d"))
						var err error
						d.Do(func(*int) { _, err = last(stage(ctx, d, nil)) })
						wantRing(t, err, "d")
						assert.ErrorIs(t, err, desync.ErrNotRun)
						synctest.Wait()
						assert.True(t, d.TryDo(func(*int) {}), "the object is idle after the ring")
					})
				})
			}
		}
	}
}

// One key of a stage is that of the job that waits for its results.
func TestNST3_AllInAJobOfTheKey(t *testing.T) {
	key := func(v int) string { return []string{"a", "b"}[v%2] }
	m := func() *desync.Map[string, int] {
		return desync.NewMap(func(string) int { return 0 }, desync.WithName("m"))
	}
	synctest.Test(t, func(t *testing.T) {
		m, got := m(), []int(nil)
		var err error
		m.At("b").Do(func(*int) { got, err = last(pipe.ByKey(t.Context(), m, ints(0, 2, 1, 4), key, 4, same)) })
		wantRing(t, err, `m", key "b`)
		assert.Subset(t, []int{0, 2, 4}, got)
	})
	synctest.Test(t, func(t *testing.T) {
		m, got := m(), []int(nil)
		var err error
		m.At("b").Do(func(*int) { got, err = last(pipe.ByKey(t.Context(), m, ints(1, 0, 2, 3, 4), key, 5, same).Completed()) })
		wantRing(t, err, `m", key "b`)
		assert.Equal(t, []int{0, 2, 4}, got, "results of the other key")
	})
}

// The future of In is awaited in a job of its object; the items come before or after.
func TestNST3_InAwaitedInAJobOfTheObject(t *testing.T) {
	for _, later := range []bool{false, true} {
		for _, mayEnd := range []bool{false, true} {
			t.Run(fmt.Sprint("items come later: ", later, ", a context that may end: ", mayEnd), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					ctx := contextFor(t, mayEnd)
					d := desync.New(0, desync.WithName("d"))
					items, sent, ran := make(chan int, 2), make(chan struct{}), 0
					f := pipe.In(ctx, d, items, 1, func(context.Context, *int, int) error { ran++; return nil })
					err := d.Sync(func(*int) error {
						if later {
							time.AfterFunc(time.Second, func() { items <- 1; items <- 2; close(sent) })
						} else {
							items <- 1
							items <- 2
							close(sent)
							synctest.Wait()
						}
						_, err := f.Await(ctx)
						return err
					})
					wantRing(t, err, "d")
					<-sent
					close(items)
					r, err := f.Await(ctx)
					assert.NoError(t, err, "of an Await outside of jobs")
					assert.Equal(t, pipe.Report[int]{Run: 2}, r)
					assert.Equal(t, 2, ran)
				})
			})
		}
	}
}

// The source has an object, and the future is awaited in a job of that.
func TestNST3_InAwaitedInAJobOfItsSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := desync.New(0, desync.WithName("d"))
		err := d.Sync(func(*int) error {
			source := pipe.Through(t.Context(), d, ints(1), 1, same)
			f := pipe.In(t.Context(), desync.New(0), source, 1, func(context.Context, *int, int) error { return nil })
			_, err := f.Await(context.Background())
			return err
		})
		wantRing(t, err, "d")
	})
}

// In a job of the object, nothing is wrong with a source that has no items.
func TestNST3_NoFalseAlarmWithoutItems(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := desync.New(0)
		d.Do(func(*int) {
			items := make(chan int)
			f := pipe.In(t.Context(), d, items, 1, func(context.Context, *int, int) error { return nil })
			time.AfterFunc(time.Second, func() { close(items) })
			r, err := f.Await(t.Context())
			assert.NoError(t, err)
			assert.Equal(t, pipe.Report[int]{}, r)
			got, err := last(pipe.Through(t.Context(), d, ints(), 1, same))
			assert.NoError(t, err)
			assert.Empty(t, got)
		})
	})
}

// The job of an item waits for the object of the job that waits for its result, and
// comes last: it is told, and its panic is the result.
func TestNST3_AJobOfAStageInARing(t *testing.T) {
	for name, over := range map[string]func(s *pipe.Stage[int]) *pipe.Stage[int]{
		"alone": func(s *pipe.Stage[int]) *pipe.Stage[int] { return s },
		"over another stage": func(s *pipe.Stage[int]) *pipe.Stage[int] {
			return pipe.Through(context.Background(), desync.New(0), s, 1, same)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := desync.New(0, desync.WithName("a")), desync.New(0, desync.WithName("b"))
				gate := make(chan struct{})
				told := make(chan any, 1)
				s := pipe.Through(context.Background(), b, ints(1), 1, func(context.Context, *int, int) (v int, err error) {
					<-gate
					defer func() { told <- recover() }()
					a.Do(func(*int) {})
					return 0, nil
				})
				go func() { synctest.Wait(); close(gate) }()
				var got []int
				var err error
				a.Do(func(*int) { got, err = last(over(s)) })
				wantRing(t, <-told, "a", "b")
				assert.NoError(t, err)
				assert.Equal(t, []int{0}, got)
			})
		})
	}
}

// The consumer closes the ring, with a job that runs: All cannot return before that.
func TestNST3_AllPanicsIfItCannotReturn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := desync.New(0, desync.WithName("a")), desync.New(0, desync.WithName("b"))
		s := pipe.Through(context.Background(), b, ints(1, 2), 2, func(_ context.Context, _ *int, v int) (int, error) {
			if v == 2 {
				a.Do(func(*int) {})
			}
			return v, nil
		})
		var told any
		var got []int
		a.Do(func(*int) {
			defer func() { told = recover() }()
			for v, err := range s.All() {
				assert.NoError(t, err)
				got = append(got, v)
				synctest.Wait() // until the other job waits
			}
		})
		wantRing(t, told, "a", "b")
		assert.Equal(t, []int{1}, got)
		synctest.Wait()
		assert.True(t, b.TryDo(func(*int) {}), "the other object is idle after the ring")
	})
}

// Stages on objects whose jobs do not wait for their results.
func TestNST3_NoFalseAlarmOfStages(t *testing.T) {
	own := desync.New(0)
	m := desync.NewMap(func(int) int { return 0 })
	for range 100 {
		err := own.Sync(func(*int) error {
			first := pipe.ByKey(context.Background(), m, slices.Values([]int{1, 2, 3, 4, 5, 6, 7, 8}), func(v int) int { return v % 3 }, 3, same)
			second := pipe.Through(context.Background(), desync.New(0), first.Completed(), 2, same)
			third := pipe.Through(context.Background(), desync.New(0), second, 2, same)
			got, err := last(third)
			if len(got) != 8 && err == nil {
				t.Errorf("%d results; want 8", len(got))
			}
			return err
		})
		require.NoError(t, err, "NST-3: of a stage that closes no ring")
	}
}
