package pipe_test

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-desync/go-desync/adapters/internal/showtest"
	"github.com/go-desync/go-desync/adapters/pipe"
	"github.com/go-desync/go-desync/desync"
)

func unchanged(_ context.Context, _ *int, v int) (int, error) { return v, nil }

func TestPrint(t *testing.T) {
	showtest.Nil(t, (*pipe.Stage[int])(nil))
	s := pipe.Through(t.Context(), desync.New(0), slices.Values([]int{1}), 4, unchanged)
	showtest.Check(t, s, "in order, 4 depth")
	showtest.Check(t, s.Completed(), "as completed, 4 depth")
}

// The context of a stage belongs to others.
func TestPrintingReadsNoData(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := pipe.Through(ctx, desync.New(0), slices.Values(make([]int, 300)), 4, unchanged)
	stop := showtest.While(s)
	n := 0
	for _, err := range s.All() {
		assert.NoError(t, err)
		n++
	}
	assert.Equal(t, 300, n)
	stop()
}
