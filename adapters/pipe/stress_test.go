package pipe_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-desync/go-desync/adapters/pipe"
	"github.com/go-desync/go-desync/desync"
)

// Pipelines of three stages that are stopped somewhere, by their context or by a break,
// beside other jobs on their objects. They keep the order and lose nothing silently.
func TestPipelinesUnderLoad(t *testing.T) {
	for range 30 {
		seed := rand.Uint64()
		r := rand.New(rand.NewPCG(seed, 0))
		var a, b desync.Desync[int]
		m := desync.NewMap(zero[int])
		ctx, cancel := context.WithCancel(t.Context())
		in := make(chan int, 300)
		for i := range 300 {
			in <- i
		}
		close(in)
		cancelAt, breakAt := r.IntN(600), r.IntN(600)
		depth := func() int { return 1 + r.IntN(8) }
		pass := func(_ context.Context, calls *int, v int) (int, error) {
			if *calls++; v == cancelAt {
				cancel()
			}
			return v, nil
		}
		noise := make(chan struct{})
		go func() {
			defer close(noise)
			for i := range 300 {
				a.Async(func(*int) {})
				b.Do(func(*int) { runtime.Gosched() })
				m.At(i % 5).Async(func(*int) {})
			}
		}()
		first := pipe.Through(ctx, &a, in, depth(), pass)
		second := pipe.ByKey(ctx, m, first, func(v int) int { return v % 5 }, depth(), pass)
		out, last, notRun, stopped, broken := 0, -1, 0, false, false
		for v, err := range pipe.Through(ctx, &b, second, depth(), pass).All() {
			if err != nil {
				e, ok := errors.AsType[*pipe.StoppedError](err)
				require.True(t, ok, "seed %d: %v", seed, err)
				notRun += e.NotRun
				stopped = true
				continue
			}
			require.Greater(t, v, last, "seed %d: order of the results", seed)
			last = v
			if out++; v == breakAt {
				broken = true
				break
			}
		}
		cancel()
		<-noise
		switch {
		case broken:
		case stopped:
			require.Equal(t, 300-len(in), out+notRun, "seed %d: items taken, against those that came out or were counted", seed)
		default:
			require.Equal(t, 300, out, "seed %d: items of a pipeline that was not stopped", seed)
		}
	}
}
