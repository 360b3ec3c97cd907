package selfwait

import (
	"context"

	"github.com/go-desync/go-desync/adapters/bounded"
	"github.com/go-desync/go-desync/adapters/cond"
	"github.com/go-desync/go-desync/adapters/latest"
	"github.com/go-desync/go-desync/adapters/retry"
	"github.com/go-desync/go-desync/desync"
)

func (s *service) conditions(ctx context.Context) {
	c := cond.New(s.d)
	positive := func(n *int) bool { return *n > 0 }
	take := func(_ context.Context, n *int) (int, error) { return *n, nil }
	c.Do(func(*int) {
		s.d.Do(func(*int) {}) // want `waits for s.d in a job of s.d`
		s.other.Do(func(*int) {})
	})
	c.Async(func(*int) {
		_ = c.DoContext(context.Background(), func(context.Context, *int) error { return nil }) // want `waits for s.d in a job of s.d`
	})
	s.d.Do(func(*int) {
		_, _ = c.When(context.Background(), positive, take).Await(context.Background()) // want `waits for a future of s.d in a job of s.d`
		c.Async(func(*int) {})
		c.Look()
	})
	s.other.Do(func(*int) {
		_, _ = c.When(ctx, positive, take).Await(ctx)
		c.Do(func(*int) {})
	})
	c.When(ctx, positive, func(_ context.Context, n *int) (int, error) {
		s.d.Do(func(*int) {}) // want `waits for s.d in a job of s.d`
		return *n, nil
	})
}

func (s *service) futures(ctx context.Context, b *bounded.Bound, l *bounded.Limit) {
	get := func(_ context.Context, n *int) (int, error) { return *n, nil }
	s.d.Do(func(*int) {
		_, _ = b.Future(ctx, s.d, 1, get).Await(ctx)                  // want `waits for a future of s.d in a job of s.d`
		_, _ = l.Future(ctx, s.d, get).Await(ctx)                     // want `waits for a future of s.d in a job of s.d`
		_, _ = retry.Future(ctx, retry.Policy{}, s.d, get).Await(ctx) // want `waits for a future of s.d in a job of s.d`
		_, _ = l.Future(ctx, s.other, get).Await(ctx)
	})
}

func (s *service) latest(m *desync.Map[string, int]) {
	latest.On(s.d, func(n *int, v int) {
		*n = s.d.Sync(func(n *int) int { return *n + v }) // want `waits for s.d in a job of s.d`
	})
	v := latest.On(s.d, func(n *int, v int) { *n = s.other.Sync(func(n *int) int { return *n + v }) })
	s.d.Do(func(*int) { v.Set(1) })
	latest.ByKey(m, func(n *int, v int) { *n = v }).Set("a", 1)
}
