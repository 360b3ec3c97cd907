package bounded_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/go-desync/go-desync/adapters/bounded"
	"github.com/go-desync/go-desync/desync"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fill takes all of the room of b, which is size, with one job on d, until empty is
// called.
func fill(t *testing.T, b *bounded.Bound, size int64, d *desync.Desync[int]) (empty func()) {
	t.Helper()
	gate := make(chan struct{})
	if err := b.TryAsync(d, size, func(*int) { <-gate }); err != nil {
		t.Fatalf("filling the bound: expected no error, got %v", err)
	}
	return func() { close(gate) }
}

// checkRoom checks that b has room for exactly size.
func checkRoom(t *testing.T, b *bounded.Bound, size int64) {
	t.Helper()
	d := desync.New(0)
	empty := fill(t, b, size, d)
	if err := b.TryAsync(d, 1, func(*int) {}); err != bounded.ErrFull {
		t.Errorf("a full bound: expected ErrFull, got %v", err)
	}
	empty()
	d.Do(func(*int) {})
}
