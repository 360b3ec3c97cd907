package futures_test

import (
	"context"
	"runtime"
	"testing"

	"github.com/go-desync/go-desync/futures"
)

// wantAllocs fails if a run of fn makes more than most allocations.
func wantAllocs(t *testing.T, most float64, fn func()) {
	t.Helper()
	if raceEnabled {
		t.Skip("the race detector allocates on its own")
	}
	if got := testing.AllocsPerRun(1000, fn); got > most {
		t.Errorf("%v allocations; want at most %v", got, most)
	}
}

func createResolveAwait() {
	var p futures.Promise[int]
	f := p.Future()
	sink = f
	p.Resolve(1)
	f.Await(context.Background())
}

// sink makes its futures escape, as they do in real use.
var sink *futures.Future[int]

func TestCostOfCreateResolveAwait(t *testing.T) {
	wantAllocs(t, 1, createResolveAwait)

	const runs, most = 10_000, 80
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range runs {
		createResolveAwait()
	}
	runtime.ReadMemStats(&after)
	if got := (after.TotalAlloc - before.TotalAlloc) / runs; got > most {
		t.Errorf("%d bytes; want at most %d for an int", got, most)
	}
}

func TestCostWithABlockedWaiter(t *testing.T) {
	mayEnd, cancel := context.WithCancel(t.Context())
	defer cancel()
	for _, c := range []struct {
		name string
		ctx  context.Context
		most float64
	}{
		{"no context can end the wait", context.Background(), 1},
		{"a context may end the wait", mayEnd, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			fs, values := make(chan *futures.Future[int]), make(chan int)
			defer close(fs)
			go func() {
				for f := range fs {
					v, _ := f.Await(c.ctx)
					values <- v
				}
			}()
			wantAllocs(t, c.most, func() {
				var p futures.Promise[int]
				fs <- p.Future()
				for range 10 {
					runtime.Gosched() // most likely the waiter now blocks: the dearer case
				}
				p.Resolve(1)
				<-values
			})
		})
	}
}

func TestCostOfTryAndSettledAwait(t *testing.T) {
	f, ctx := futures.Resolved(1), canceled()
	_, still := pending[int]()
	wantAllocs(t, 0, func() { f.Try() })
	wantAllocs(t, 0, func() { still.Try() })
	wantAllocs(t, 0, func() { f.Await(ctx) })
	wantAllocs(t, 0, func() { f.Done() })
}

func TestCostOfGoAndAwait(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	fn := func(context.Context) (int, error) { return 1, nil }
	wantAllocs(t, 4, func() { futures.Go(ctx, fn).Await(ctx) })
}

func BenchmarkCreateResolveAwait(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		createResolveAwait()
	}
}

func BenchmarkSettledAwait(b *testing.B) {
	f, ctx := futures.Resolved(1), b.Context()
	b.ReportAllocs()
	for b.Loop() {
		f.Await(ctx)
	}
}

func BenchmarkGoAwait(b *testing.B) {
	ctx := b.Context()
	fn := func(context.Context) (int, error) { return 1, nil }
	b.ReportAllocs()
	for b.Loop() {
		futures.Go(ctx, fn).Await(ctx)
	}
}

func BenchmarkThenAwait(b *testing.B) {
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		p, f := pending[int]()
		next := f.Then(ctx, double)
		p.Resolve(1)
		next.Await(ctx)
	}
}

func BenchmarkRace(b *testing.B) {
	_, f := pending[int]()
	won, ctx := futures.Resolved(1), b.Context()
	b.ReportAllocs()
	for b.Loop() {
		futures.Race(ctx, f, won)
	}
}
