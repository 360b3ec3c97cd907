package goexit

import (
	"context"
	"testing"

	"github.com/go-desync/go-desync/adapters/group"
	"github.com/go-desync/go-desync/desync"
)

func inAGroup(t *testing.T, g *group.Group, d *desync.Desync[int]) {
	g.Go(d, func(_ context.Context, n *int) error {
		t.Fatal(*n) // want `t.Fatal in a job of group.Go`
		return nil
	})
}
