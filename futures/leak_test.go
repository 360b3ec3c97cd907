package futures_test

import (
	"context"
	"errors"
	"testing"

	"github.com/go-desync/go-desync/futures"
)

func TestRacesLeaveNothingInAPendingFuture(t *testing.T) {
	_, f := pending[int]()
	won := futures.Resolved(1)
	wantFlat(t, func() {
		for range scaled(100_000) {
			if v, err := futures.Race(t.Context(), f, won, f); v != 1 || err != nil {
				t.Fatalf("got %d, %v; want 1", v, err)
			}
		}
	})
	wantPending(t, f) // and keep it alive until here
}

func TestInterruptedAwaitsLeaveNothingBehind(t *testing.T) {
	_, f := pending[int]()
	ctx := canceled()
	wantFlat(t, func() {
		for range scaled(100_000) {
			if _, err := f.Await(ctx); !errors.Is(err, futures.ErrInterrupted) {
				t.Fatalf("got %v; want ErrInterrupted", err)
			}
		}
	})
	wantPending(t, f)
}

// The waiter of a canceled Then must not stay among those of other calls.
func TestCancelledThensLeaveNothingBehind(t *testing.T) {
	p, f := pending[int]()
	first := f.Then(t.Context(), double)
	wantFlat(t, func() {
		for range scaled(100_000) {
			ctx, cancel := context.WithCancel(t.Context())
			next := f.Then(ctx, never(t))
			cancel()
			<-next.Done()
		}
	})
	last := f.Then(t.Context(), double)
	p.Resolve(1)
	for _, f := range []*futures.Future[int]{first, last} {
		v, err := f.Await(t.Context())
		wantValue(t, v, err, 2)
	}
}

// Waits are taken back in every order; those that stay are all told, in order.
func TestTakingBackWaitsInEveryOrder(t *testing.T) {
	orders := [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}
	for _, order := range orders {
		for taken := range len(order) + 1 {
			p, f := pending[int]()
			var ctxs [3]context.Context
			var cancels [3]context.CancelFunc
			var fs [3]*futures.Future[int]
			for i := range fs {
				ctxs[i], cancels[i] = context.WithCancel(t.Context())
				fs[i] = f.Then(ctxs[i], double)
			}
			for _, i := range order[:taken] {
				cancels[i]()
				<-fs[i].Done()
			}
			p.Resolve(1)
			for n, i := range order {
				v, err := fs[i].Await(t.Context())
				if n < taken {
					wantError(t, v, err, futures.ErrInterrupted)
				} else {
					wantValue(t, v, err, 2)
				}
				cancels[i]()
			}
		}
	}
}
