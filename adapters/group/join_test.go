package group_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"golang.org/x/sync/errgroup"

	"github.com/go-desync/go-desync/adapters/group"
	"github.com/go-desync/go-desync/desync"
)

func TestJoinErrorsOfTheZeroGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g group.Group
		g.JoinErrors()
		d := desync.New(0)
		var want []error
		for i := range 5 {
			err := fmt.Errorf("job %d", i)
			if i%2 == 0 {
				want = append(want, err)
			}
			g.Go(d, func(context.Context, *int) error {
				if i%2 == 0 {
					return err
				}
				return nil
			})
		}
		assert.Equal(t, errors.Join(want...), g.Wait())
		var none group.Group
		none.JoinErrors()
		none.Go(d, func(context.Context, *int) error { return nil })
		assert.NoError(t, none.Wait())
	})
}

// Jobs that run when the first has failed may fail too, and one has not run.
func TestJoinErrorsWithAContext(t *testing.T) {
	for _, under := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			eg, ctx := errgroup.WithContext(t.Context())
			g, _ := group.WithContext(ctx)
			if under {
				g = group.Under(ctx, eg)
			}
			g.JoinErrors()
			errA, errB := errors.New("a"), errors.New("b")
			a, b := desync.New(0), desync.New(0)
			g.Go(a, func(ctx context.Context, _ *int) error { <-ctx.Done(); return errA })
			g.Go(a, func(context.Context, *int) error { t.Error("it ran"); return nil })
			synctest.Wait()
			g.Go(b, func(context.Context, *int) error { return errB })
			wait := g.Wait
			if under {
				wait = eg.Wait
			}
			err := wait()
			for _, want := range []error{errA, errB, desync.ErrNotRun} {
				assert.ErrorIs(t, err, want, "under an errgroup: %t", under)
			}
		})
	}
}

func TestJoinErrorsWithJobs(t *testing.T) {
	var g group.Group
	d := desync.New(0)
	resume := d.Suspend()
	g.Go(d, func(context.Context, *int) error { return nil })
	assert.PanicsWithValue(t, "group: JoinErrors: the group has 1 jobs", g.JoinErrors)
	resume()
	assert.NoError(t, g.Wait())
}

func ExampleGroup_JoinErrors() {
	var g group.Group
	g.JoinErrors()
	files := desync.New(0)
	for _, name := range []string{"a", "b", "c"} {
		g.Go(files, func(_ context.Context, saved *int) error {
			if name != "b" {
				return fmt.Errorf("%s: disk full", name)
			}
			*saved++
			return nil
		})
	}
	fmt.Println(g.Wait())
	// Output:
	// a: disk full
	// c: disk full
}
