package flight_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/go-desync/go-desync/adapters/bounded"
	"github.com/go-desync/go-desync/adapters/flight"
	"github.com/go-desync/go-desync/adapters/group"
	"github.com/go-desync/go-desync/adapters/pipe"
	"github.com/go-desync/go-desync/desync"
)

// Jobs that other packages hand over are shown with the function of their user.
func TestCodeOfJobsOfOtherPackages(t *testing.T) {
	for name, start := range map[string]func(ctx context.Context, d desync.Object[int]){
		"bounded": func(ctx context.Context, d desync.Object[int]) {
			if err := bounded.New(1).Async(ctx, d, 1, func(*int) {}); err != nil {
				t.Error(err)
			}
		},
		"group":           func(_ context.Context, d desync.Object[int]) { grouped(t, d, 0) },
		"a limited group": func(_ context.Context, d desync.Object[int]) { grouped(t, d, 1) },
		"pipe.In": func(ctx context.Context, d desync.Object[int]) {
			one := slices.Values([]int{1})
			if r, err := pipe.In(ctx, d, one, 1, func(context.Context, *int, int) error { return nil }).Await(ctx); err != nil || r.Err != nil {
				t.Error(err, r.Err)
			}
		},
		"pipe.Through": func(ctx context.Context, d desync.Object[int]) {
			one := slices.Values([]int{1})
			for _, err := range pipe.Through(ctx, d, one, 1, func(context.Context, *int, int) (int, error) { return 0, nil }).All() {
				if err != nil {
					t.Error(err)
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := flight.New()
			m := desync.NewMap(func(string) int { return 0 }, desync.WithName("orders"), desync.WithObserver(r))
			for _, d := range []desync.Object[int]{observed(r, "plain"), m.At("ann")} {
				start(t.Context(), d)
				desync.Sync1(d, func(*int) int { return 0 }) // after Finished of the job
			}
			shown := 0
			for _, j := range r.Snapshot().Jobs {
				if j.Call == desync.CallAsync {
					shown++
					if !strings.Contains(j.Code, "/code_test.go:") {
						t.Errorf("the job on %s is at %q", j.Object, j.Code)
					}
				}
			}
			if shown != 2 {
				t.Errorf("there are %d jobs; want 2", shown)
			}
		})
	}
}

func grouped(t *testing.T, d desync.Object[int], limit int) {
	g := new(group.Group)
	if limit > 0 {
		g.SetLimit(limit)
	}
	g.Go(d, func(context.Context, *int) error { return nil })
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
}
