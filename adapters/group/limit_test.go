package group_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-desync/go-desync/adapters/group"
	"github.com/go-desync/go-desync/desync"
)

func TestLimitIsReachedAndKept(t *testing.T) {
	const limit = 3
	synctest.Test(t, func(t *testing.T) {
		ds := make([]desync.Desync[int], 20)
		g, _ := group.WithContext(t.Context())
		g.SetLimit(limit)
		var running atomic.Int64
		left := make([]atomic.Int64, len(ds)) // jobs of each object
		gate := make(chan struct{})
		for i := range 100 {
			at := i % len(ds)
			left[at].Add(1)
			g.Go(&ds[at], func(context.Context, *int) error {
				running.Add(1)
				<-gate
				running.Add(-1)
				left[at].Add(-1)
				return nil
			})
		}
		for ended := range 100 {
			synctest.Wait()
			objects := 0 // that have jobs
			for i := range left {
				if left[i].Load() > 0 {
					objects++
				}
			}
			require.EqualValues(t, min(limit, objects), running.Load(), "jobs running after %d have ended", ended)
			gate <- struct{}{}
		}
		require.NoError(t, g.Wait())
	})
}

// Jobs that wait for their turn take nothing of the limit, so the one over the limit
// runs; here it is the one that cancels the rest.
func TestLimitFullOfWaiters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var a, b desync.Desync[int]
		_ = a.Suspend() // for good
		g, _ := group.WithContext(t.Context())
		g.SetLimit(1)
		for range 3 {
			g.Go(&a, count)
		}
		g.Go(&b, fail)
		require.Equal(t, errJob, g.Wait())
	})
}

// The caller resumes the object only after the last Go.
func TestGoDoesNotWaitForTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d desync.Desync[int]
		resume := d.Suspend()
		g, _ := group.WithContext(t.Context())
		g.SetLimit(2)
		for range 10 {
			g.Go(&d, count)
		}
		resume()
		require.NoError(t, g.Wait())
		require.Equal(t, 10, value(&d))
	})
}

func TestLimitAndGoInAJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var a, b desync.Desync[int]
		g, _ := group.WithContext(t.Context())
		g.SetLimit(1)
		g.Go(&a, func(context.Context, *int) error {
			for range 5 {
				assert.True(t, g.Go(&b, count))
				assert.True(t, g.Go(&a, count))
			}
			return nil
		})
		require.NoError(t, g.Wait())
		require.Equal(t, []int{5, 5}, []int{value(&a), value(&b)})
	})
}

// A job that has the last place waits for an object on which another job of the group
// has its turn.
func TestLimitAndJobsThatWaitForEachOthersObjects(t *testing.T) {
	for _, limit := range []int{1, 2} {
		synctest.Test(t, func(t *testing.T) {
			ds := make([]desync.Desync[int], 4)
			g, _ := group.WithContext(t.Context())
			g.SetLimit(limit)
			for i := range 30 {
				// Jobs hold an object and wait for a later one: no ring.
				at := i % (len(ds) - 1)
				g.Go(&ds[at], func(ctx context.Context, n *int) error {
					*n++
					time.Sleep(time.Second) // of the bubble: when all others are blocked
					for j := at + 1; j < len(ds); j++ {
						if err := ds[j].DoContext(ctx, count); err != nil {
							return err
						}
					}
					return nil
				})
			}
			require.NoError(t, g.Wait())
			require.Equal(t, []int{10, 20, 30, 30}, []int{value(&ds[0]), value(&ds[1]), value(&ds[2]), value(&ds[3])})
		})
	}
}

// A job that has stepped aside and then waits behind others does not keep the next
// from running.
func TestLimitPassesOverObjectsThatAreHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var a, b, c desync.Desync[int]
		g, _ := group.WithContext(t.Context())
		g.SetLimit(1)
		gate := make(chan struct{})
		g.Go(&c, func(context.Context, *int) error {
			<-gate
			return nil
		})
		synctest.Wait()
		g.Go(&a, count)
		g.Go(&b, count)
		synctest.Wait() // both have stepped aside
		resume := a.Suspend()
		close(gate)
		synctest.Wait()
		require.Equal(t, 1, value(&b), "jobs run on b while a is held")
		resume()
		require.NoError(t, g.Wait())
		require.Equal(t, 1, value(&a))
	})
}

// While a job waits for the limit the object serves others.
func TestLimitHoldsNoObject(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var a, b desync.Desync[int]
		g, _ := group.WithContext(t.Context())
		g.SetLimit(1)
		g.Go(&a, func(context.Context, *int) error {
			g.Go(&b, count)
			synctest.Wait() // the job on b has had its turn
			assert.Equal(t, 0, value(&b))
			return nil
		})
		require.NoError(t, g.Wait())
		require.Equal(t, 1, value(&b))
	})
}

func TestLimitUnderLoad(t *testing.T) {
	ds := make([]desync.Desync[int], 8)
	g, _ := group.WithContext(t.Context())
	g.SetLimit(2)
	var running atomic.Int64
	for i := range 2000 {
		g.Go(&ds[i%len(ds)], func(_ context.Context, n *int) error {
			if running.Add(1) > 2 {
				t.Error("more than 2 jobs run")
			}
			*n++
			ds[(i+1)%len(ds)].Async(func(*int) {}) // somebody else's job
			running.Add(-1)
			return nil
		})
	}
	require.NoError(t, g.Wait())
	for i := range ds {
		require.Equal(t, 250, value(&ds[i]))
	}
}
