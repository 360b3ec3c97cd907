package bounded_test

import (
	"testing"
	"testing/synctest"

	"github.com/go-desync/go-desync/adapters/bounded"
	"github.com/go-desync/go-desync/desync"
)

func TestKeysAndObjectsShareABound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, plain := desync.NewMap(func(string) int { return 0 }), desync.New(0)
		b := bounded.New(2)
		resume := m.At("a").Suspend()
		job := func(n *int) { *n++ }
		if err := b.Async(t.Context(), m.At("a"), 1, job); err != nil {
			t.Error(err)
		}
		if err := b.TryAsync(plain, 1, job); err != nil {
			t.Error(err)
		}
		synctest.Wait() // the job of the plain object has ended
		if err := b.TryAsync(m.At("b"), 2, job); err != bounded.ErrFull {
			t.Errorf("TryAsync returns %v; want ErrFull while the job of a key waits", err)
		}
		resume()
		if err := b.Async(t.Context(), m.At("b"), 2, job); err != nil {
			t.Error(err)
		}
		desync.DoAll([]desync.Object[int]{m.At("a"), m.At("b"), plain}, func(ns []*int) {
			if *ns[0] != 1 || *ns[1] != 1 || *ns[2] != 1 {
				t.Errorf("the jobs counted %d, %d and %d; want 1 each", *ns[0], *ns[1], *ns[2])
			}
		})
	})
}
