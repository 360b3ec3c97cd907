package futures_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/go-desync/go-desync/futures"
)

func TestCompletedYieldsInTheOrderOfCompletion(t *testing.T) {
	ps, fs := trio()
	ps[2].Resolve(2)
	var order []int
	for i, r := range futures.Completed(t.Context(), fs...) {
		order = append(order, i)
		switch len(order) {
		case 1:
			ps[1].Reject(errWork)
		case 2:
			wantError(t, r.Value, r.Err, errWork)
			ps[0].Resolve(0)
		}
	}
	if want := []int{2, 1, 0}; !slices.Equal(order, want) {
		t.Errorf("the indexes came as %v; want %v", order, want)
	}

	seq := futures.Completed(t.Context(), fs...)
	clear(fs) // the caller's slice is the caller's
	order = nil
	for range 2 {
		for i := range seq {
			order = append(order, i)
		}
	}
	if want := []int{0, 1, 2, 0, 1, 2}; !slices.Equal(order, want) {
		t.Errorf("two rounds over settled futures came as %v; want %v", order, want)
	}
}

func TestCompletedBlocksUntilTheNextSettles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, f := pending[int]()
		got := make(chan int)
		go func() {
			for i, r := range futures.Completed(t.Context(), f, f) {
				got <- i*10 + r.Value
			}
			close(got)
		}()
		synctest.Wait()
		select {
		case v := <-got:
			t.Fatalf("got %d; want nothing while the future is pending", v)
		default:
		}
		p.Resolve(5)
		if a, b := <-got, <-got; a != 5 || b != 15 {
			t.Errorf("got %d and %d; want every index of a future that is given twice", a, b)
		}
		<-got
	})
}

func TestCompletedInterruptedYieldsTheRestInIndexOrder(t *testing.T) {
	ps, fs := trio()
	fs = append(fs, futures.Resolved(3))
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	var order []int
	for i, r := range futures.Completed(ctx, fs...) {
		order = append(order, i)
		switch i {
		case 3:
			ps[1].Resolve(1)
			cancel(errCause)
		case 1:
			wantValue(t, r.Value, r.Err, 1)
		default:
			wantInterrupted(t, r.Err, context.Canceled)
		}
	}
	if want := []int{3, 1, 0, 2}; !slices.Equal(order, want) {
		t.Errorf("the indexes came as %v; want %v", order, want)
	}
}

func TestCompletedBreakReleases(t *testing.T) {
	_, f := pending[int]()
	wantFlat(t, func() {
		for range scaled(100_000) {
			for i := range futures.Completed(t.Context(), futures.Resolved(1), f) {
				if i != 0 {
					t.Fatalf("index %d came first; want 0", i)
				}
				break
			}
		}
	})
	wantPending(t, f) // and keep it alive until here
}

func TestCompletedPanicInTheLoopReleases(t *testing.T) {
	_, f := pending[int]()
	wantFlat(t, func() {
		for range scaled(20_000) {
			wantPanic(t, "in the body", func() {
				for range futures.Completed(t.Context(), futures.Resolved(1), f) {
					panic("in the body")
				}
			})
		}
	})
	wantPending(t, f)
}

func TestCompletedBreakAmongTheInterrupted(t *testing.T) {
	_, fs := trio()
	n := 0
	for range futures.Completed(canceled(), fs...) {
		if n++; n == 2 {
			break
		}
	}
	if n != 2 {
		t.Errorf("the loop ran %d times; want 2", n)
	}
}
