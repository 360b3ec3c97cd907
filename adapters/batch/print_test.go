package batch_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-desync/go-desync/adapters/batch"
	"github.com/go-desync/go-desync/adapters/internal/showtest"
	"github.com/go-desync/go-desync/desync"
)

func TestPrint(t *testing.T) {
	showtest.Nil(t, (*batch.Batch[int, int])(nil))
	d := desync.New(0)
	var b *batch.Batch[int, int]
	b = batch.New(d, batch.Limits[int]{Items: 2}, func(_ *int, items []int) ([]int, error) {
		if len(items) == 2 {
			showtest.Check(t, b, "busy, 1 waiting, 2 running")
		}
		return items, nil
	})
	showtest.Check(t, b, "idle")
	resume := d.Suspend()
	for i := range 3 {
		b.Future(i)
	}
	showtest.Check(t, b, "busy, 3 waiting")
	resume()
	assert.NoError(t, b.Flush(t.Context()))
	showtest.Check(t, b, "idle")
	assert.NoError(t, b.Close(t.Context()))
	showtest.Check(t, b, "closed")
}

func TestPrintingReadsNoData(t *testing.T) {
	b := batch.New(desync.New(0), batch.Limits[int]{}, func(_ *int, items []int) ([]int, error) { return items, nil })
	stop := showtest.While(b)
	for i := range 300 {
		_, err := b.Add(t.Context(), i)
		assert.NoError(t, err)
	}
	stop()
}
