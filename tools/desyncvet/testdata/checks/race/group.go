package race

import (
	"context"
	"fmt"

	"github.com/go-desync/go-desync/adapters/group"
	"github.com/go-desync/go-desync/desync"
)

// The group's Wait comes after the jobs, whatever the object.
func inAGroup(g *group.Group, d *desync.Desync[int]) (v int, err error) {
	g.Go(d, func(_ context.Context, n *int) error {
		v = *n
		return nil
	})
	if err := g.Wait(); err != nil {
		return 0, err
	}
	return v, nil
}

func beforeTheWait(g *group.Group, d *desync.Desync[int]) error {
	var v int
	g.Go(d, func(_ context.Context, n *int) error {
		v = *n
		return nil
	})
	fmt.Println(v) // want `v is read while the job of group.Go in line 25, which writes it, may be running`
	return g.Wait()
}

func eachInAGroup(ds []*desync.Desync[int]) ([]int, error) {
	var g group.Group
	vs := make([]int, len(ds))
	for i, d := range ds {
		g.Go(d, func(_ context.Context, n *int) error {
			vs[i] = *n
			return nil
		})
	}
	err := g.Wait()
	return vs, err
}

func waitedElsewhere(g *group.Group, d *desync.Desync[int], wait func() error) (int, error) {
	var v int
	g.Go(d, func(_ context.Context, n *int) error {
		v = *n
		return nil
	})
	err := wait()
	return v, err
}

func deferredWait(d *desync.Desync[int]) (v int, err error) {
	var g group.Group
	defer func() { err = g.Wait() }()
	g.Go(d, func(_ context.Context, n *int) error {
		v = *n
		return nil
	})
	return 0, nil
}
