package group_test

import (
	"context"
	"errors"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/go-desync/go-desync/adapters/group"
	"github.com/go-desync/go-desync/conformance/bridge"
	"github.com/go-desync/go-desync/desync"
)

// The jobs of a group on one object run in the order of the calls of Go, with a limit
// too.
func TestOrder(t *testing.T) {
	type started struct {
		g    *group.Group
		wait func() error
	}
	for name, start := range map[string]func() started{
		"without a limit": func() started {
			g, _ := group.WithContext(t.Context())
			return started{g, g.Wait}
		},
		"with a limit": func() started {
			g, _ := group.WithContext(t.Context())
			g.SetLimit(1)
			return started{g, g.Wait}
		},
		"in an errgroup": func() started {
			eg, ctx := errgroup.WithContext(t.Context())
			return started{group.Under(ctx, eg), eg.Wait}
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := bridge.Check(t.Context(), func(observe func(item int)) (push func(item int) error, finish func() error) {
				s, d, other := start(), desync.New(0), desync.New(0)
				push = func(item int) error {
					if item%3 == 0 { // takes the limit away from the items
						s.g.Go(other, func(context.Context, *int) error { return nil })
					}
					accepted := s.g.Go(d, func(context.Context, *int) error {
						observe(item)
						return nil
					})
					if !accepted {
						return errors.New("Go has refused the job")
					}
					return nil
				}
				return push, s.wait
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}
