package bounded_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-desync/go-desync/adapters/bounded"
	"github.com/go-desync/go-desync/adapters/internal/showtest"
	"github.com/go-desync/go-desync/desync"
)

func TestPrint(t *testing.T) {
	showtest.Nil(t, (*bounded.Bound)(nil))
	room := bounded.New(3)
	showtest.Check(t, room, "idle, 3 size")
	gate := make(chan struct{})
	var d desync.Desync[int]
	assert.NoError(t, room.TryAsync(&d, 2, func(*int) { <-gate }))
	showtest.Check(t, room, "busy, 2 taken, 3 size")
	assert.ErrorIs(t, room.TryAsync(&d, 2, func(*int) {}), bounded.ErrFull)
	assert.NoError(t, room.Async(context.Background(), &d, 1, func(*int) {}))
	showtest.Check(t, room, "full, 3 taken, 3 size")
	close(gate)
	// With all the room, nothing else is queued or running.
	assert.NoError(t, room.Async(context.Background(), &d, 3, func(*int) {
		showtest.Check(t, room, "full, 3 taken, 3 size")
	}))
	d.Do(func(*int) {})
	showtest.Check(t, room, "idle, 3 size")
}

func TestPrintingReadsNoData(t *testing.T) {
	room := bounded.New(2)
	stop := showtest.While(room)
	var d desync.Desync[int]
	for range 300 {
		assert.NoError(t, room.Async(context.Background(), &d, 1, func(n *int) { *n++ }))
	}
	d.Do(func(*int) {})
	stop()
}
