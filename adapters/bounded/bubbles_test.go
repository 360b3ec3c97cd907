package bounded_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/go-desync/go-desync/adapters/bounded"
	"github.com/go-desync/go-desync/adapters/internal/bubbles"
	"github.com/go-desync/go-desync/desync"
)

// A Bound may live as long as the process.
func TestSYN3_BoundInBubblesAndOutside(t *testing.T) {
	room, d := bounded.New(1), desync.New(0)
	bubbles.Try(t, func(t *testing.T) {
		for range 3 { // all but the first wait for room
			require.NoError(t, room.Async(t.Context(), d, 1, func(*int) { time.Sleep(time.Millisecond) }))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Microsecond)
		defer cancel()
		require.ErrorIs(t, room.Async(ctx, d, 1, func(*int) {}), desync.ErrNotRun)
		d.Do(func(*int) {})
	})
}
