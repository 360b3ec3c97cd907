package pipe_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/go-desync/go-desync/adapters/pipe"
	"github.com/go-desync/go-desync/desync"
)

func zero[K comparable](K) int { return 0 }

// numbered returns the word with the number of words that its key has had.
func numbered(_ context.Context, n *int, word string) (string, error) {
	*n++
	return fmt.Sprintf("%s%d", word, *n), nil
}

func first(word string) string { return word[:1] }

func TestByKeyOrders(t *testing.T) {
	words := slices.Values([]string{"a", "b", "a", "c", "b", "a"})
	for _, depth := range []int{1, 2, 10} {
		m := desync.NewMap(zero[string])
		stage := pipe.ByKey(t.Context(), m, words, first, depth, numbered)
		require.Equal(t, []string{"a1", "b1", "a2", "c1", "b2", "a3"}, collect(stage.All()), "in the order of the items")

		m = desync.NewMap(zero[string])
		got := collect(pipe.ByKey(t.Context(), m, words, first, depth, numbered).Completed().All())
		require.Len(t, got, 6)
		for _, key := range []string{"a", "b", "c"} {
			of := slices.DeleteFunc(slices.Clone(got), func(s string) bool { return first(s) != key })
			require.True(t, slices.IsSorted(of), "the results of a key keep their order: %v", of)
		}
	}
}

func TestByKeySlowKey(t *testing.T) {
	words := slices.Values([]string{"slow", "b", "c", "b"})
	synctest.Test(t, func(t *testing.T) {
		m := desync.NewMap(zero[string])
		gate := make(chan struct{})
		run := func(ctx context.Context, n *int, word string) (string, error) {
			if word == "slow" {
				<-gate
			}
			return numbered(ctx, n, word)
		}
		var got []string
		for v, err := range pipe.ByKey(t.Context(), m, words, first, 3, run).Completed().All() {
			require.NoError(t, err)
			if got = append(got, v); len(got) == 3 {
				close(gate)
			}
		}
		require.Equal(t, "slow1", got[3], "in the order of completion a slow key holds up no other: %v", got)
		require.Less(t, slices.Index(got, "b1"), slices.Index(got, "b2"), "the order of a key: %v", got)

		m = desync.NewMap(zero[string])
		gate = make(chan struct{})
		go func() {
			synctest.Wait()
			close(gate)
		}()
		got = collect(pipe.ByKey(t.Context(), m, words, first, 3, run).All())
		require.Equal(t, []string{"slow1", "b1", "c1", "b2"}, got)
	})
}

func TestByKeyItemsThatFail(t *testing.T) {
	errSource := errors.New("source")
	source := func(yield func(float64, error) bool) {
		_ = yield(1, nil) && yield(math.NaN(), nil) && yield(2, errSource) && yield(3, nil) && yield(4, nil) && yield(5, nil)
	}
	m := desync.NewMap(func(key float64) int {
		if key == 4 {
			panic("no value")
		}
		return 10
	})
	key := func(v float64) float64 {
		if v == 3 {
			panic("no key")
		}
		return v
	}
	stage := pipe.ByKey(t.Context(), m, source, key, 2, func(_ context.Context, data *int, v float64) (int, error) {
		return *data + int(v), nil
	})
	want := []string{
		"11", "panic desync: Map: the key NaN does not equal itself, so it cannot be found again", "source",
		"panic no key", "panic no value", "15",
	}
	require.Equal(t, want, collect(stage.All()))
	got := collect(stage.Completed().All())
	require.ElementsMatch(t, want, got)
}

func TestByKeyStops(t *testing.T) {
	for name, completed := range map[string]bool{"in order": false, "completed": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := desync.NewMap(zero[string])
				held := make(chan struct{})
				m.At("b").Async(func(*int) { <-held }) // somebody else's job
				ctx, cancel := context.WithCancel(t.Context())
				stage := pipe.ByKey(ctx, m, slices.Values([]string{"a", "b", "a", "b", "c"}), first, 10, numbered)
				if completed {
					stage = stage.Completed()
				}
				go func() {
					synctest.Wait() // b is held
					cancel()
				}()
				var results []string
				var last error
				for v, err := range stage.All() {
					if err != nil {
						last = err
						continue
					}
					results = append(results, v)
				}
				require.ElementsMatch(t, []string{"a1", "a2", "c1"}, results)
				stopped, ok := errors.AsType[*pipe.StoppedError](last)
				require.True(t, ok, "the last error is %v", last)
				require.Equal(t, []int{3, 2}, []int{stopped.Run, stopped.NotRun})
				require.Equal(t, []any{"b", "b"}, stopped.Left, "each once, although the loop has gone on three times since the end")
				close(held)
				require.Equal(t, 0, m.At("b").Sync(func(n *int) int { return *n }), "jobs that ran after the loop")
			})
		})
	}
}

func TestByKeyBreakLeavesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := desync.NewMap(zero[string])
		words := make(chan string, 3)
		words <- "a"
		words <- "b"
		words <- "a"
		for range pipe.ByKey(context.Background(), m, words, first, 2, numbered).Completed().All() {
			break
		}
	})
}

func TestValues(t *testing.T) {
	fault := errors.New("fault")
	seq := func(errs ...error) func(yield func(int, error) bool) {
		return func(yield func(int, error) bool) {
			for i, err := range errs {
				if !yield(i, err) {
					return
				}
			}
		}
	}
	err := errors.New("from before")
	require.Equal(t, []int{0, 1}, slices.Collect(pipe.Values(seq(nil, nil), &err)))
	require.NoError(t, err)
	require.Equal(t, []int{0}, slices.Collect(pipe.Values(seq(nil, fault, nil), &err)))
	require.Equal(t, fault, err)
	for range pipe.Values(seq(nil, fault), &err) {
		break
	}
	require.NoError(t, err)
}
