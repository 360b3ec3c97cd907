package selfwait

import (
	"context"

	"github.com/go-desync/go-desync/adapters/group"
)

func (s *service) inAGroup(g *group.Group) {
	g.Go(s.d, func(context.Context, *int) error {
		s.d.Do(nop) // want `Do waits for s.d in a job of s.d`
		s.other.Do(nop)
		return nil
	})
}
