package desync_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

// wantPanicError fails unless f fails with the panic of value.
func wantPanicError[R any](t *testing.T, f *futures.Future[R], value any) *desync.PanicError {
	t.Helper()
	_, err := f.Await(context.Background())
	e, ok := errors.AsType[*desync.PanicError](err)
	if !ok || e.Value != value {
		t.Errorf("PAN-2: the future failed with %v; want a PanicError of %v", err, value)
		return &desync.PanicError{}
	}
	return e
}

func TestFUT1_SettlesOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := desync.New(0)
		for range 100 {
			f := d.Future(func(n *int) int { *n++; return *n })
			want, err := f.Await(t.Context())
			if err != nil {
				t.Fatalf("FUT-1: the future failed with %v", err)
			}
			d.Do(func(n *int) { *n += 10 })
			for range 3 {
				if got, err := f.Await(t.Context()); got != want || err != nil {
					t.Errorf("FUT-1: the future gave %d, then %d, %v", want, got, err)
				}
			}
		}
	})
}

// The future is looked at in the body of the job and in its deferred functions.
func TestFUT2_NotBeforeTheJobHasEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := desync.New(0)
		inBody, inDeferred := make(chan struct{}), make(chan struct{})
		f := d.Future(func(*int) string {
			defer func() { <-inDeferred }()
			<-inBody
			return "done"
		})
		unsettled := func(where string) {
			t.Helper()
			synctest.Wait()
			if r, ok := f.Try(); ok {
				t.Errorf("FUT-2: the future has settled with %v while the job is in %s", r, where)
			}
		}
		unsettled("its body")
		close(inBody)
		unsettled("a deferred function")
		close(inDeferred)
		if v, err := f.Await(t.Context()); v != "done" || err != nil {
			t.Errorf("FUT-2: the future gave %q, %v; want what the job returned", v, err)
		}
	})
}

func TestFUT3_DiscardingCancelsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := desync.New(0)
		gate := make(chan struct{})
		d.Async(func(*int) { <-gate })
		d.Future(func(n *int) int { *n++; return *n }) // discarded

		f := d.Future(func(n *int) int { *n++; return *n })
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := f.Await(ctx); !errors.Is(err, futures.ErrInterrupted) {
			t.Errorf("FUT-3: an Await that gave up returned %v; want ErrInterrupted", err)
		}
		close(gate)
		if v, err := f.Await(t.Context()); v != 2 || err != nil {
			t.Errorf("FUT-3: the future gave %d, %v; want 2 from the second of two jobs that both ran", v, err)
		}
	})
}

func TestFUT_ManyWaitForOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := desync.New(0)
		gate := make(chan struct{})
		f := d.Future(func(*int) int { <-gate; return 5 })
		const readers = 10
		got := make(chan int, readers)
		for range readers {
			go func() { v, _ := f.Await(t.Context()); got <- v }()
		}
		synctest.Wait()
		close(gate)
		for range readers {
			if v := <-got; v != 5 {
				t.Errorf("a reader of the future got %d; want 5", v)
			}
		}
	})
}
