package pipe

import (
	"context"

	"github.com/go-desync/go-desync/desync"
)

// ByKey makes a stage whose jobs run on the objects of m: the function key returns the
// key of an item, and the item's job runs on the object of that key. The jobs of one key
// run in the order of their items, and the jobs of different keys in parallel. The
// results come out in the order of the items, or with [Stage.Completed] in the order in
// which they are ready. See [Through] for everything else.
//
// The key function runs on the goroutine that takes the items, one call at a time. If it
// panics, or the map cannot use the key or make its value, the error of the item is a
// [*futures.PanicError].
//
// A slow key holds up all others when depth items wait behind it. With Completed, it
// does so only when depth items of its own are in the stage.
//
// ByKey neither blocks nor starts anything. It panics if ctx, m, src, key or fn is
// nil, or if depth is less than 1.
func ByKey[K comparable, T, V, Out any, S Source[V]](ctx context.Context, m *desync.Map[K, T], src S, key func(v V) K, depth int, fn func(ctx context.Context, data *T, v V) (Out, error)) *Stage[Out] {
	source := feedOf[V](src)
	check("ByKey", ctx, m != nil, source != nil, key != nil && fn != nil, depth)
	return &Stage[Out]{ctx: ctx, depth: depth, start: func(f *flow[Out], byCompletion bool) func() {
		f.byCompletion = byCompletion
		w := &work[T, V, Out]{flow: f, fn: fn, object: func(v V) desync.Object[T] { return m.At(key(v)) }}
		return func() { w.feed(source) }
	}}
}
