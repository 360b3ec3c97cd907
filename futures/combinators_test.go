package futures_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/go-desync/go-desync/futures"
)

// combinators are the five in one shape: success or an error.
var combinators = map[string]func(context.Context, ...*futures.Future[int]) error{
	"All": func(ctx context.Context, fs ...*futures.Future[int]) error {
		_, err := futures.All(ctx, fs...)
		return err
	},
	"AllSettled": func(ctx context.Context, fs ...*futures.Future[int]) error {
		_, err := futures.AllSettled(ctx, fs...)
		return err
	},
	"Any": func(ctx context.Context, fs ...*futures.Future[int]) error {
		_, err := futures.Any(ctx, fs...)
		return err
	},
	"Race": func(ctx context.Context, fs ...*futures.Future[int]) error {
		_, err := futures.Race(ctx, fs...)
		return err
	},
	"Completed": func(ctx context.Context, fs ...*futures.Future[int]) error {
		for _, r := range futures.Completed(ctx, fs...) {
			if r.Err != nil {
				return r.Err
			}
		}
		return nil
	},
}

func TestCombinatorInterrupted(t *testing.T) {
	for name, combine := range combinators {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, f := pending[int]()
				ctx, cancel := context.WithCancelCause(t.Context())
				done := futures.Go(t.Context(), func(context.Context) (int, error) { return 0, combine(ctx, f) })
				synctest.Wait()
				wantPending(t, done)
				cancel(errCause)
				_, err := done.Await(t.Context())
				wantInterrupted(t, err, context.Canceled)
				wantPending(t, f)
			})
		})
	}
}

func TestCombinatorSettledBeatsDoneContext(t *testing.T) {
	for name, combine := range combinators {
		t.Run(name, func(t *testing.T) {
			if err := combine(canceled(), futures.Resolved(1), futures.Resolved(2)); err != nil {
				t.Errorf("got error %v; want success: all had settled", err)
			}
		})
	}
}

// An onlooker ends the context as soon as it sees the future settled, possibly
// while the settler is still telling the others.
func TestCombinatorSettledBeatsDoneContextInARace(t *testing.T) {
	for name, combine := range combinators {
		t.Run(name, func(t *testing.T) {
			for range scaled(4000) {
				p, f := pending[int]()
				ctx, cancel := context.WithCancel(t.Context())
				go func() {
					for {
						if _, ok := f.Try(); ok {
							cancel()
							return
						}
						runtime.Gosched()
					}
				}()
				for range 20 { // what the settler tells before the combinator
					f.Then(context.Background(), double)
				}
				go p.Resolve(1)
				if err := combine(ctx, f, f); err != nil {
					t.Fatalf("got %v; want success: the future settled before the context ended", err)
				}
			}
		})
	}
}

func TestCombinatorsLeaveNothingBehind(t *testing.T) {
	for name, combine := range combinators {
		t.Run(name, func(t *testing.T) {
			_, f := pending[int]()
			ctx := canceled()
			wantFlat(t, func() {
				for range scaled(100_000) {
					if err := combine(ctx, f, f); !errors.Is(err, futures.ErrInterrupted) {
						t.Fatalf("got %v; want ErrInterrupted", err)
					}
				}
			})
			wantPending(t, f)
		})
	}
}

func TestCombinatorNilArgumentsPanic(t *testing.T) {
	for name, combine := range combinators {
		wantPanic(t, name+": nil context", func() { combine(nil, futures.Resolved(1)) })
		wantPanic(t, name+": future 1 is nil", func() { combine(t.Context(), futures.Resolved(1), nil) })
	}
}
