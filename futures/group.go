package futures

import (
	"context"
	"fmt"
	"iter"
)

// A group is one wait for several futures. It reports first the futures that
// have settled before, in index order, and then the others as they settle. It
// must be released.
type group[T any] struct {
	futures     []*Future[T]
	waiters     []waiter
	arrived     chan int // holds every index, so that no settler blocks
	left        int      // arrivals still to be reported
	interrupted bool
}

func registerAll[T any](fs []*Future[T]) *group[T] {
	g := &group[T]{
		futures: fs,
		waiters: make([]waiter, len(fs)),
		arrived: make(chan int, len(fs)),
		left:    len(fs),
	}
	arrive := func(index int) { g.arrived <- index }
	for i, f := range fs {
		g.waiters[i].on, g.waiters[i].index = arrive, i
		f.signal.register(&g.waiters[i])
	}
	return g
}

// next blocks until another future settles and returns its index. It returns
// false when all have been reported, or when ctx has ended and all that had
// settled by then have been reported. The waiters of the others are then gone.
func (g *group[T]) next(ctx context.Context) (index int, ok bool) {
	if !g.interrupted && g.left > 0 {
		select {
		case i := <-g.arrived:
			g.left--
			return i, true
		case <-ctx.Done():
			g.interrupted = true
			for _, f := range g.futures {
				f.signal.look()
			}
			g.left -= g.release()
		}
	}
	if g.left == 0 {
		return 0, false
	}
	// If release could not take a waiter back, its future has settled, and the
	// settler is about to send the index.
	g.left--
	return <-g.arrived, true
}

// release takes back the waiters of the futures that are still pending, and
// returns how many there were.
func (g *group[T]) release() (taken int) {
	for i, f := range g.futures {
		if f.signal.unregister(&g.waiters[i]) {
			taken++
		}
	}
	return taken
}

// pending yields the indexes of the futures that next has given up, in order.
func (g *group[T]) pending() iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range g.waiters {
			if g.waiters[i].gone && !yield(i) {
				return
			}
		}
	}
}

func mustFutures[T any](name string, ctx context.Context, fs []*Future[T]) {
	mustContext(name, ctx)
	for i, f := range fs {
		if f == nil {
			panic(fmt.Sprintf("futures: %s: future %d is nil", name, i))
		}
	}
}
