package race

import (
	"context"

	"github.com/go-desync/go-desync/adapters/group"
	"github.com/go-desync/go-desync/desync"
)

// The group's Wait comes after the jobs, whatever the object.
func inAGroup(g *group.Group, d *desync.Desync[int]) (v int, err error) {
	group.Go(g, d, func(_ context.Context, n *int) error {
		v = *n
		return nil
	})
	if err := g.Wait(); err != nil {
		return 0, err
	}
	return v, nil
}
