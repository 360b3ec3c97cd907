package pipe

import (
	"context"
	"sync/atomic"

	"github.com/go-desync/go-desync/adapters/internal/attempt"
	"github.com/go-desync/go-desync/desync"
)

// ByKey makes a stage whose jobs run on the objects of m: each item's on the object
// of the key that key returns for it. Items of one key are run in their order, those
// of different keys side by side. The results come out in the order of the items, or
// with [Stage.Completed] in the order in which they are ready. See [Through] for
// everything else.
//
// The key function runs on the goroutine that takes the items, one call at a time. If
// it panics, or the map cannot use the key or make its value, that is the error of
// the item, as a [*futures.PanicError].
//
// In the order of the items a slow key holds up all the others as soon as depth items
// wait behind it. In the order of completion it does so only when depth items are its
// own.
//
// ByKey neither blocks nor starts anything. It panics if ctx, m, src, key or fn is
// nil, or if depth is less than 1.
func ByKey[K comparable, T, V, Out any, S Source[V]](ctx context.Context, m *desync.Map[K, T], src S, key func(v V) K, depth int, fn func(ctx context.Context, data *T, v V) (Out, error)) *Stage[Out] {
	source := feedOf[V](src)
	check("ByKey", ctx, m != nil, source != nil, key != nil && fn != nil, depth)
	return &Stage[Out]{ctx: ctx, depth: depth, start: func(f *flow[Out], byCompletion bool) func() {
		b := &byKey[K, T, V, Out]{flow: f, m: m, key: key, fn: fn}
		if byCompletion {
			f.byCompletion()
		}
		return func() { feedInto(&f.intake, source, b.put, f.given) }
	}}
}

type byKey[K comparable, T, V, Out any] struct {
	*flow[Out]
	m   *desync.Map[K, T]
	key func(V) K
	fn  func(context.Context, *T, V) (Out, error)
}

func (b *byKey[K, T, V, Out]) put(n int, v V, err error) {
	i := n % b.depth
	if b.vacant != nil {
		i = <-b.vacant // there is one, since there is room
	}
	if err != nil {
		b.pass(i, err)
		return
	}
	j := &keyed[K, T, V, Out]{byKey: b, slot: i, v: v}
	attempt.Run(func() error {
		// If the map fails to make a value the job is not called; then only the
		// future says so.
		key := b.key(v)
		b.follow(func(w *watched) {
			j.watched = w
			b.m.Future(key, j.run).AfterFunc(j.fail)
		})
		return nil
	}, func(err error) {
		if err != nil {
			j.fail(struct{}{}, err)
		}
	})
}

// keyed is the job of one item.
type keyed[K comparable, T, V, Out any] struct {
	*byKey[K, T, V, Out]
	slot   int
	v      V
	called atomic.Bool

	watched *watched // nil before it is handed over, and in builds that do not watch
}

func (j *keyed[K, T, V, Out]) run(data *T) struct{} {
	j.called.Store(true)
	if !j.begin() {
		j.gone(j.watched)
		return struct{}{}
	}
	j.begun(j.watched)
	var out Out
	attempt.Run(func() (err error) {
		out, err = j.fn(j.ctx, data, j.v)
		return err
	}, func(err error) {
		j.settle(j.slot, out, err)
		j.gone(j.watched)
		j.end()
	})
	return struct{}{}
}

// fail gives the item the error of its key or its value.
func (j *keyed[K, T, V, Out]) fail(_ struct{}, err error) {
	if j.called.Swap(true) {
		return
	}
	if j.watched != nil {
		defer j.ready.notify()
		defer j.gone(j.watched)
	}
	if !j.begin() {
		return
	}
	j.settle(j.slot, *new(Out), err)
	j.end()
}
