package race

import (
	"context"
	"fmt"
	"iter"

	"github.com/go-desync/go-desync/adapters/bounded"
	"github.com/go-desync/go-desync/adapters/pipe"
	"github.com/go-desync/go-desync/adapters/retry"
	"github.com/go-desync/go-desync/adapters/writer"
	"github.com/go-desync/go-desync/desync"
)

func bounds(ctx context.Context, b *bounded.Bound, d, e *desync.Desync[int]) {
	v := 0
	_ = b.Async(ctx, d, 1, func(n *int) { v = *n })
	fmt.Println(v) // want `v is read while the job of bounded.Async`
	_ = b.Async(ctx, e, 1, func(*int) {})
	fmt.Println(v) // it may have waited for the room
	_ = b.TryAsync(d, 1, func(n *int) { v = *n })
	fmt.Println(v) // want `v is read while the job of bounded.TryAsync`
}

func limits(ctx context.Context, l *bounded.Limit, p *bounded.Permit, b *bounded.Bound, d, e *desync.Desync[int]) {
	v := 0
	_ = p.Async(d, func(n *int) { v = *n })
	fmt.Println(v) // want `v is read while the job of bounded.Permit.Async`
	_ = b.Wait(ctx)
	fmt.Println(v)
	_ = l.Async(ctx, d, func(_ context.Context, n *int) { v = *n })
	fmt.Println(v) // want `v is read while the job of bounded.Limit.Async`
	_ = l.Do(ctx, d, func(_ context.Context, n *int) error { v++; return nil })
	fmt.Println(v)
	l.Future(ctx, d, func(_ context.Context, n *int) (int, error) { v = *n; return 0, nil })
	fmt.Println(v) // want `v is read while the job of bounded.Limit.Future`
	_ = l.Wait(ctx)
	fmt.Println(v)
	b.Future(ctx, d, 1, func(_ context.Context, n *int) (int, error) { v = *n; return 0, nil })
	fmt.Println(v) // want `v is read while the job of bounded.Future`
	_, _ = b.Acquire(ctx, 1)
	fmt.Println(v) // it may have waited for the room
}

func retries(ctx context.Context, d *desync.Desync[int]) {
	v := 0
	retry.Future(ctx, retry.Policy{}, d, func(_ context.Context, n *int) (int, error) { v = *n; return 0, nil })
	fmt.Println(v) // want `v is read while the job of retry.Future`
	_ = retry.Do(ctx, retry.Policy{}, d, func(_ context.Context, n *int) error { v++; return nil })
	fmt.Println(v)
}

func pipes(ctx context.Context, d *desync.Desync[int], src iter.Seq[int], w *writer.Writer) {
	sum := 0
	f := pipe.In(ctx, d, src, 4, func(_ context.Context, n *int, v int) error { sum += v; return nil })
	fmt.Println(sum) // want `sum is read while the job of pipe.In`
	_, _ = f.Await(ctx)
	fmt.Println(sum)

	s := pipe.Through(ctx, d, src, 4, func(_ context.Context, n *int, v int) (int, error) { sum += v; return v, nil })
	fmt.Println(sum)
	for range s.All() {
	}
	fmt.Println(sum)

	d.Async(func(*int) { sum++ })
	_ = w.Flush(ctx)
	fmt.Println(sum)
}
