package batch_test

import (
	"slices"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/go-desync/go-desync/adapters/batch"
	"github.com/go-desync/go-desync/desync"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// batches are those that a job has seen.
type batches struct {
	mu  sync.Mutex
	all [][]int
}

// double is a job that notes its items.
func (b *batches) double(_ *int, items []int) (results []int, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all = append(b.all, slices.Clone(items))
	for _, item := range items {
		results = append(results, 2*item)
	}
	return results, nil
}

// held is a Batch on an object that is held until resume is called.
func held(limits batch.Limits[int]) (b *batch.Batch[int, int], seen *batches, d *desync.Desync[int], resume func()) {
	d, seen = desync.New(0), new(batches)
	resume = d.Suspend()
	return batch.New(d, limits, seen.double), seen, d, resume
}

func (b *batches) list() [][]int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.all)
}
