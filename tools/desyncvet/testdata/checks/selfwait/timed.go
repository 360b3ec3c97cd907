package selfwait

import (
	"context"
	"time"

	"github.com/go-desync/go-desync/adapters/batch"
	"github.com/go-desync/go-desync/adapters/timed"
)

func (s *service) batches(ctx context.Context) {
	b := batch.New(s.d, batch.Limits[int]{}, func(n *int, items []int) ([]int, error) {
		s.d.Do(func(*int) {}) // want `waits for s.d in a job of s.d`
		s.other.Do(func(*int) {})
		return items, nil
	})
	s.d.Do(func(*int) {
		_, _ = b.Add(ctx, 1) // want `Add waits for s.d in a job of s.d`
		_ = b.Flush(ctx)     // want `Flush waits for s.d in a job of s.d`
		_ = b.Close(ctx)     // want `Close waits for s.d in a job of s.d`
		b.Future(1)
		go func() { _, _ = b.Add(ctx, 1) }()
	})
	s.other.Do(func(*int) { _, _ = b.Add(ctx, 1) })
	_, _ = b.Add(ctx, 1)
}

func (s *service) timers() {
	timed.After(s.d, time.Second, func(*int) {
		s.d.Do(func(*int) {}) // want `waits for s.d in a job of s.d`
	})
	timed.Every(s.d, time.Second, func(*int) {
		s.d.Do(func(*int) {}) // want `waits for s.d in a job of s.d`
	})
	timed.Debounce(s.d, time.Second, time.Minute, func(*int) {
		s.d.Do(func(*int) {}) // want `waits for s.d in a job of s.d`
	})
	timed.Schedule(s.d, func(now time.Time) time.Time { return now }, func(*int) { s.d.Async(func(*int) {}) })
	timed.Throttle(s.d, time.Second, func(*int) { s.other.Do(func(*int) {}) })
}
