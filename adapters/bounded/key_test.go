package bounded_test

import (
	"context"
	"errors"
	"sync/atomic"
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

// The value of a key cannot be made: the job is lost, as that of an Async, and its room is not.
func TestTheRoomOfAKeyWithoutAValue(t *testing.T) {
	noValue := errors.New("no such file")
	synctest.Test(t, func(t *testing.T) {
		var told, panics atomic.Int64
		m := desync.NewMapContext(func(_ context.Context, key string) (int, error) {
			if key == "panic" {
				panic(noValue)
			}
			return 0, noValue
		}, func(key string, err error) {
			if told.Add(1); key != "error" || err != noValue {
				t.Errorf("the handler of the map is told of %v for %s", err, key)
			}
		}, desync.WithPanicHandler(func(p *desync.PanicError) {
			if panics.Add(1); !errors.Is(p, noValue) {
				t.Errorf("the handler of panics is told of %v", p)
			}
		}))
		b := bounded.New(1)
		for range 3 {
			for _, key := range []string{"error", "panic"} {
				if err := b.Async(t.Context(), m.At(key), 1, func(*int) { t.Error("a job has run without a value") }); err != nil {
					t.Error(err)
				}
			}
		}
		synctest.Wait()
		if told.Load() != 3 || panics.Load() != 3 || m.Len() != 0 {
			t.Errorf("the handlers were told %d and %d times, and %d keys are left; want 3 times each, and none", told.Load(), panics.Load(), m.Len())
		}
	})
}
