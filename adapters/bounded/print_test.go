package bounded_test

import (
	"context"
	"runtime"
	"strings"
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

func TestPrintALimit(t *testing.T) {
	showtest.Nil(t, (*bounded.Limit)(nil))
	l, d, e := bounded.NewLimit(1), desync.New(0), desync.New(0)
	showtest.Check(t, l, "idle, 1 limit")
	release := hold(t, l, d)
	assert.NoError(t, l.Async(t.Context(), e, func(context.Context, *int) {}))
	showtest.Check(t, l, "full, 1 running, 1 waiting, 1 limit")
	release()
	assert.NoError(t, l.Close(t.Context()))
	showtest.Check(t, l, "closed, 1 limit")
}

func TestPrintAClosedBoundWithCallsThatWait(t *testing.T) {
	b := bounded.New(1)
	p, err := b.Acquire(t.Context(), 1)
	assert.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	waits := make(chan error)
	go func() { _, err := b.Acquire(ctx, 1); waits <- err }()
	for !strings.Contains(b.String(), "1 waiting") {
		runtime.Gosched()
	}
	cancel()
	<-waits
	p.Release()
	assert.NoError(t, b.Close(t.Context()))
	showtest.Check(t, b, "closed, 1 size")
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
