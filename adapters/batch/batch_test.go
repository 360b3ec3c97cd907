package batch_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-desync/go-desync/adapters/batch"
	"github.com/go-desync/go-desync/adapters/internal/bubbles"
	"github.com/go-desync/go-desync/adapters/internal/misuse"
	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

func size(item int) int { return item }

// How items are gathered while the object is held, and how long the batches wait when it is
// not.
func TestHowItemsAreGathered(t *testing.T) {
	for _, c := range []struct {
		name   string
		limits batch.Limits[int]
		items  []int
		want   [][]int
	}{
		{"no limit", batch.Limits[int]{}, []int{1, 2, 3, 4, 5}, [][]int{{1, 2, 3, 4, 5}}},
		{"items", batch.Limits[int]{Items: 2}, []int{1, 2, 3, 4, 5}, [][]int{{1, 2}, {3, 4}, {5}}},
		{"one item", batch.Limits[int]{Items: 1}, []int{1, 2, 3}, [][]int{{1}, {2}, {3}}},
		{"bytes", batch.Limits[int]{Bytes: 10, Size: size}, []int{4, 5, 2, 8, 1, 10, 3}, [][]int{{4, 5}, {2, 8}, {1}, {10}, {3}}},
		{"an item above the limit", batch.Limits[int]{Bytes: 10, Size: size}, []int{1, 100, 2, 3}, [][]int{{1}, {100}, {2, 3}}},
		{"items of no size", batch.Limits[int]{Bytes: 10, Size: size}, []int{0, 0, 10, 0}, [][]int{{0, 0, 10}, {0}}},
		{"items and bytes", batch.Limits[int]{Items: 2, Bytes: 10, Size: size}, []int{1, 2, 3, 9}, [][]int{{1, 2}, {3}, {9}}},
	} {
		for _, wait := range []time.Duration{0, time.Second} {
			t.Run(fmt.Sprint(c.name, wait), func(t *testing.T) {
				bubbles.Run(t, func(t *testing.T) {
					limits := c.limits
					limits.Wait = wait
					b, seen, d, resume := held(limits)
					var fs []*futures.Future[int]
					for _, item := range c.items {
						fs = append(fs, b.Future(item))
					}
					time.Sleep(wait)
					resume()
					for i, f := range fs {
						r, err := f.Await(t.Context())
						assert.NoError(t, err)
						assert.Equal(t, 2*c.items[i], r, "each gets the result of its own item")
					}
					assert.Equal(t, c.want, seen.list())
					synctest.Wait()
					assert.True(t, d.TryDo(func(*int) {}), "the object is idle")
				})
			})
		}
	}
}

func TestWait(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		d, seen := desync.New(0), new(batches)
		b := batch.New(d, batch.Limits[int]{Wait: time.Second, Items: 3}, seen.double)
		start := time.Now()
		b.Future(1)
		time.Sleep(900 * time.Millisecond)
		r, err := b.Add(t.Context(), 2)
		assert.Equal(t, []any{4, nil, time.Second}, []any{r, err, time.Since(start)}, "the time counts from the first item on")
		start = time.Now()
		b.Future(3)
		b.Future(4)
		r, err = b.Add(t.Context(), 5)
		assert.Equal(t, []any{10, nil, time.Duration(0)}, []any{r, err, time.Since(start)}, "a full batch does not wait")
		b.Future(6)
		assert.NoError(t, b.Flush(t.Context()))
		assert.Zero(t, time.Since(start), "nor one that is flushed")
		b.Future(7)
		time.Sleep(time.Hour)
		assert.Equal(t, [][]int{{1, 2}, {3, 4, 5}, {6}, {7}}, seen.list())
	})
}

// While a batch runs the next one gathers, and an item that comes alone does not wait.
func TestABatchGathersWhileAnotherRuns(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		var sizes []int
		b := batch.New(desync.New(0), batch.Limits[int]{}, func(_ *int, items []int) ([]int, error) {
			sizes = append(sizes, len(items))
			time.Sleep(time.Second)
			return items, nil
		})
		var all sync.WaitGroup
		for i := range 64 {
			all.Go(func() {
				for range 10 {
					r, err := b.Add(t.Context(), i)
					assert.NoError(t, err)
					assert.Equal(t, i, r)
				}
			})
			if i == 0 {
				synctest.Wait()
			}
		}
		all.Wait()
		assert.Equal(t, 1, sizes[0], "the first comes alone")
		assert.LessOrEqual(t, len(sizes), 2*10+1, "batches for 64 callers with 10 items each")
	})
}

// Order per goroutine, over both calls and beside others; each item once.
func TestORD1_OrderPerGoroutineOverBothCalls(t *testing.T) {
	const goroutines, each = 8, 2000
	type item struct{ by, n int }
	for name, limits := range map[string]batch.Limits[item]{
		"no limit": {}, "3 items": {Items: 3}, "a wait": {Items: 50, Wait: 100 * time.Microsecond},
	} {
		t.Run(name, func(t *testing.T) {
			d := desync.New(make([]int, goroutines))
			b := batch.New(d, limits, func(next *[]int, items []item) ([]int, error) {
				for _, i := range items {
					if (*next)[i.by] != i.n {
						t.Errorf("ORD-1: item %d of goroutine %d comes when %d is next", i.n, i.by, (*next)[i.by])
					}
					(*next)[i.by]++
				}
				return nil, nil
			})
			var all sync.WaitGroup
			for by := range goroutines {
				all.Go(func() {
					for n := range each {
						switch n % 5 {
						case 0:
							_, err := b.Add(t.Context(), item{by, n})
							assert.NoError(t, err)
						case 1:
							d.Async(func(*[]int) {})
							fallthrough
						default:
							b.Future(item{by, n})
						}
					}
				})
			}
			all.Wait()
			require.NoError(t, b.Flush(t.Context()))
			d.Do(func(next *[]int) {
				for _, n := range *next {
					assert.Equal(t, each, n, "EXE-1, EXE-2: items")
				}
			})
		})
	}
}

// Plain objects and keys are alike. The Batch keeps no key.
func TestOnAKey(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		m := desync.NewMap(func(string) int { return 0 })
		m.EvictIdle(time.Second)
		b := batch.New(m.At("a"), batch.Limits[int]{}, func(sum *int, items []int) ([]int, error) {
			for _, i := range items {
				*sum += i
			}
			return nil, nil
		})
		for range 2 {
			for i := range 3 {
				_, err := b.Add(t.Context(), i)
				assert.NoError(t, err)
			}
			assert.Equal(t, 3, m.At("a").Sync(func(sum *int) int { return *sum }))
			time.Sleep(2 * time.Second)
			assert.Zero(t, m.Len(), "KEY-3: keys")
		}
	})
}

func TestMisuse(t *testing.T) {
	job := func(*int, []int) ([]int, error) { return nil, nil }
	d := desync.New(0)
	b := batch.New(d, batch.Limits[int]{Bytes: 1, Size: func(i int) int { return i }}, job)
	misuse.Check(t, "batch", map[string]func(){
		"no object":    func() { batch.New[int](nil, batch.Limits[int]{}, job) },
		"a nil object": func() { batch.New((*desync.Desync[int])(nil), batch.Limits[int]{}, job) },
		"no job":       func() { batch.New[int, int, int](d, batch.Limits[int]{}, nil) },
		"a key of NaN": func() {
			m := desync.NewMap(func(float64) int { return 0 })
			batch.New(m.At(nan()), batch.Limits[int]{}, job)
		},
		"items":           func() { batch.New(d, batch.Limits[int]{Items: -1}, job) },
		"bytes":           func() { batch.New(d, batch.Limits[int]{Bytes: -1, Size: size}, job) },
		"bytes, no size":  func() { batch.New(d, batch.Limits[int]{Bytes: 1}, job) },
		"a size, no use":  func() { batch.New(d, batch.Limits[int]{Size: size}, job) },
		"a time":          func() { batch.New(d, batch.Limits[int]{Wait: -1}, job) },
		"Add, no ctx":     func() { _, _ = b.Add(nil, 1) },
		"Flush, no ctx":   func() { _ = b.Flush(nil) },
		"Close, no ctx":   func() { _ = b.Close(nil) },
		"a size below 0":  func() { b.Future(-1) },
		"Add, size below": func() { _, _ = b.Add(t.Context(), -1) },
	})
	_, err := b.Add(context.Background(), 5)
	assert.NoError(t, err, "after all that")
}

func nan() float64 { zero := 0.0; return zero / zero }
