package selfwait

import (
	"context"
	"time"

	"github.com/go-desync/go-desync/adapters/pipe"
	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

func peek(ctx context.Context, d *desync.Desync[int]) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	return d.DoContext(ctx, func(context.Context, *int) error { return nil })
}

func look(d *desync.Desync[int]) error {
	return d.DoContext(context.Background(), func(context.Context, *int) error { return nil })
}

// A context may end the wait for what the caller holds.
func heldWithADeadline(ctx context.Context, d *desync.Desync[int]) {
	resume := d.Suspend()
	_ = peek(ctx, d)
	_ = d.DoContext(ctx, func(context.Context, *int) error { return nil })
	resume()
}

func stageWithAnEnd(ctx context.Context, d *desync.Desync[int], in <-chan int) {
	double := func(_ context.Context, _ *int, v int) (int, error) { return 2 * v, nil }
	resume := d.Suspend()
	c := pipe.Through(context.Background(), d, in, 1, double).Chan(ctx)
	<-c
	for range pipe.Through(ctx, d, in, 1, double).All() {
	}
	resume()
}

func stageWithout(d *desync.Desync[int], in <-chan int) {
	double := func(_ context.Context, _ *int, v int) (int, error) { return 2 * v, nil }
	resume := d.Suspend()
	<-pipe.Through(context.Background(), d, in, 1, double).Chan(context.Background())  // want `waits for d, which is suspended`
	for range pipe.Through(context.Background(), d, in, 1, double).Completed().All() { // want `waits for d, which is suspended`
	}
	resume()
}

func heldWithout(d *desync.Desync[int]) {
	resume := d.Suspend()
	_ = look(d)                                                                             // want `waits for d, which is suspended until resume is called`
	_ = d.DoContext(context.Background(), func(context.Context, *int) error { return nil }) // want `waits for d, which is suspended`
	resume()
}

func polled(f *futures.Future[int]) bool {
	select {
	case <-f.Done():
		return true
	default:
		return false
	}
}

func (s *service) polls(ctx context.Context) {
	s.d.Do(func(*int) {
		f := s.d.Future(func(n *int) int { return *n })
		select {
		case <-f.Done():
		default:
		}
		select {
		case <-f.Done():
		case <-ctx.Done():
		}
		_ = polled(f)
		select {
		case <-f.Done(): // want `waits for a future of s.d`
		}
	})
}
