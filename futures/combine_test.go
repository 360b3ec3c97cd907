package futures_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/go-desync/go-desync/futures"
)

// trio returns three promises and their futures.
func trio() (ps [3]*futures.Promise[int], fs []*futures.Future[int]) {
	for i := range ps {
		ps[i] = new(futures.Promise[int])
		fs = append(fs, ps[i].Future())
	}
	return ps, fs
}

func TestAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ps, fs := trio()
		all := futures.Go(t.Context(), func(ctx context.Context) ([]int, error) { return futures.All(ctx, fs...) })
		for _, i := range []int{2, 0, 1} {
			synctest.Wait()
			wantPending(t, all)
			ps[i].Resolve(i * 10)
		}
		got, err := all.Await(t.Context())
		if err != nil || !slices.Equal(got, []int{0, 10, 20}) {
			t.Errorf("got %v, %v; want the values in the order of the arguments", got, err)
		}
	})
}

func TestAllReturnsTheFirstFailureInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ps, fs := trio()
		all := futures.Go(t.Context(), func(ctx context.Context) ([]int, error) { return futures.All(ctx, fs...) })
		synctest.Wait()
		ps[2].Reject(errOther)
		ps[0].Reject(errWork)
		if got, err := all.Await(t.Context()); got != nil || err != errOther {
			t.Errorf("got %v, %v; want nil and the failure that came first, while one is pending", got, err)
		}
		if got, err := futures.All(t.Context(), fs...); got != nil || err != errWork {
			t.Errorf("got %v, %v; want the failure with the lowest index of those that were there", got, err)
		}
	})
}

func TestAllSettled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ps, fs := trio()
		all := futures.Go(t.Context(), func(ctx context.Context) ([]futures.Result[int], error) {
			return futures.AllSettled(ctx, fs...)
		})
		ps[1].Reject(errWork)
		ps[2].Resolve(2)
		synctest.Wait()
		wantPending(t, all)
		ps[0].Resolve(1)
		got, err := all.Await(t.Context())
		want := []futures.Result[int]{{Value: 1}, {Err: errWork}, {Value: 2}}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("got %+v, %v; want %+v", got, err, want)
		}
	})
}

func TestAllSettledInterruptedReturnsWhatThereIs(t *testing.T) {
	ps, fs := trio()
	ps[1].Resolve(1)
	got, err := futures.AllSettled(canceled(), fs...)
	wantInterrupted(t, err, context.Canceled)
	want := []futures.Result[int]{{Err: err}, {Value: 1}, {Err: err}}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v; want %+v", got, want)
	}
}

func TestAny(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ps, fs := trio()
		first := futures.Go(t.Context(), func(ctx context.Context) (int, error) { return futures.Any(ctx, fs...) })
		ps[0].Reject(errWork)
		synctest.Wait()
		wantPending(t, first)
		ps[2].Resolve(3)
		v, err := first.Await(t.Context())
		wantValue(t, v, err, 3)
		ps[1].Resolve(2)
		v, err = futures.Any(t.Context(), fs...)
		wantValue(t, v, err, 2)
	})
}

func TestAnyJoinsAllErrorsInIndexOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ps, fs := trio()
		first := futures.Go(t.Context(), func(ctx context.Context) (int, error) { return futures.Any(ctx, fs...) })
		for _, i := range []int{2, 0, 1} {
			synctest.Wait()
			ps[i].Reject(fmt.Errorf("error %d", i))
		}
		_, err := first.Await(t.Context())
		if want := "error 0\nerror 1\nerror 2"; err == nil || err.Error() != want {
			t.Errorf("got %q; want %q", err, want)
		}
	})
}

func TestRace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ps, fs := trio()
		first := futures.Go(t.Context(), func(ctx context.Context) (int, error) { return futures.Race(ctx, fs...) })
		synctest.Wait()
		ps[2].Reject(errWork)
		ps[0].Resolve(1)
		if v, err := first.Await(t.Context()); v != 0 || err != errWork {
			t.Errorf("got %d, %v; want the settlement that came first", v, err)
		}
		v, err := futures.Race(t.Context(), fs...)
		wantValue(t, v, err, 1) // the lowest index of those that were there
	})
}

func TestEmptyInput(t *testing.T) {
	ctx := canceled()
	if got, err := futures.All[int](ctx); got == nil || len(got) != 0 || err != nil {
		t.Errorf("All returned %#v, %v; want an empty slice", got, err)
	}
	if got, err := futures.AllSettled[int](ctx); got == nil || len(got) != 0 || err != nil {
		t.Errorf("AllSettled returned %#v, %v; want an empty slice", got, err)
	}
	if _, err := futures.Any[int](ctx); err != futures.ErrEmpty {
		t.Errorf("Any returned %v; want ErrEmpty", err)
	}
	if _, err := futures.Race[int](ctx); err != futures.ErrEmpty {
		t.Errorf("Race returned %v; want ErrEmpty", err)
	}
	for i := range futures.Completed[int](ctx) {
		t.Errorf("Completed yielded %d; want nothing", i)
	}
}
