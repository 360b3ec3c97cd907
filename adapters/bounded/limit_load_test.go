package bounded_test

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-desync/go-desync/adapters/bounded"
	"github.com/go-desync/go-desync/desync"
)

// Everything at once: nothing is lost, no more run than may, and each object keeps its order.
func TestLimitUnderLoad(t *testing.T) {
	const limit, producers, each, objects = 3, 6, 300, 5
	l := bounded.NewLimit(limit)
	var running, begun, returned atomic.Int64
	var ds []*desync.Desync[map[int]int]
	for range objects {
		ds = append(ds, desync.New(map[int]int{}))
	}
	enter := func() func() {
		n := running.Add(1)
		assert.LessOrEqual(t, n, int64(limit))
		begun.Add(1)
		if rand.IntN(4) == 0 {
			runtime.Gosched()
		}
		return func() { running.Add(-1) }
	}
	var all sync.WaitGroup
	for p := range producers {
		all.Go(func() {
			random := rand.New(rand.NewPCG(7, uint64(p)))
			for i := range each {
				at := random.IntN(objects)
				in := func(last *map[int]int) {
					assert.Less(t, (*last)[p], i+1, "ORD-1: the jobs of producer %d on object %d", p, at)
					(*last)[p] = i + 1
				}
				switch random.IntN(6) {
				case 0, 1:
					assert.NoError(t, l.Async(t.Context(), ds[at], func(_ context.Context, last *map[int]int) { defer enter()(); in(last) }))
				case 2:
					f := l.Future(t.Context(), ds[at], func(_ context.Context, last *map[int]int) (int, error) { defer enter()(); in(last); return 0, nil })
					f.AfterFunc(func(_ int, err error) {
						if err != nil {
							returned.Add(1)
						}
					})
				case 3:
					ctx, cancel := context.WithCancel(t.Context())
					go cancel()
					if l.Do(ctx, ds[at], func(_ context.Context, last *map[int]int) error { defer enter()(); in(last); return nil }) != nil {
						returned.Add(1)
					}
				case 4:
					assert.NoError(t, l.Do(t.Context(), ds[at], func(_ context.Context, last *map[int]int) error { defer enter()(); in(last); return nil }))
				case 5: // nested, in the order of the objects
					at = min(at, objects-2)
					assert.NoError(t, l.Do(t.Context(), ds[at], func(ctx context.Context, last *map[int]int) error {
						(*last)[p] = i + 1
						return l.Do(ctx, ds[objects-1], func(context.Context, *map[int]int) error { defer enter()(); return nil })
					}))
				}
			}
		})
	}
	all.Wait()
	require.NoError(t, l.Wait(t.Context()))
	assert.EqualValues(t, producers*each, begun.Load()+returned.Load(), "jobs that ran and jobs that were given up")
}
