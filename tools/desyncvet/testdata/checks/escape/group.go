package escape

import (
	"context"

	"github.com/go-desync/go-desync/adapters/group"
)

func (s *store) inAGroup(g *group.Group) (items []int) {
	g.Go(&s.d, func(_ context.Context, s *state) error {
		items = s.items // want `s.items leaves the job of group.Go`
		return nil
	})
	_ = g.Wait()
	return items
}
