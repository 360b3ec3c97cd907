package group_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	"github.com/go-desync/go-desync/adapters/group"
	"github.com/go-desync/go-desync/adapters/internal/showtest"
	"github.com/go-desync/go-desync/desync"
)

func TestPrint(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		showtest.Nil(t, (*group.Group)(nil))
		showtest.Check(t, new(group.Group), "idle")
		g, _ := group.WithContext(t.Context())
		gate := make(chan struct{})
		var d desync.Desync[int]
		for range 3 {
			g.Go(&d, func(context.Context, *int) error { <-gate; return nil })
		}
		synctest.Wait()
		showtest.Check(t, g, "busy, 3 pending, 1 running")
		close(gate)
		assert.NoError(t, g.Wait())
		showtest.Check(t, g, "ended")
	})
}

// The error speaks of the group: jobs of several objects may not have run.
func TestErrorOfJobsThatHaveNotRun(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	g, _ := group.WithContext(ctx)
	d := desync.New(0)
	resume := d.Suspend()
	defer resume()
	g.Go(d, func(context.Context, *int) error { return nil })
	cancel(errors.New("a reason"))
	err := g.Wait()
	assert.EqualError(t, err, "group: the context ended, and jobs have not run and will not: a reason")
	assert.ErrorIs(t, err, desync.ErrNotRun)
	assert.ErrorIs(t, err, context.Canceled)
}

func TestPrintingReadsNoData(t *testing.T) {
	g, _ := group.WithContext(t.Context())
	g.SetLimit(2)
	stop := showtest.While(g)
	ds := make([]desync.Desync[int], 3)
	for n := range 300 {
		g.Go(&ds[n%len(ds)], func(_ context.Context, n *int) error { *n++; return nil })
	}
	assert.NoError(t, g.Wait())
	stop()
}
