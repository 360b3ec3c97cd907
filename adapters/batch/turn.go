package batch

import (
	"github.com/go-desync/go-desync/adapters/internal/attempt"
)

// A turn is a job of the object that runs one batch.
type turn[T, V, R any] struct {
	batch   *Batch[V, R]
	job     func(*T, []V) ([]R, error)
	reached bool
}

func (t *turn[T, V, R]) Run(data *T) {
	t.reached = true
	g, items := t.batch.next()
	if g == nil {
		return
	}
	var results []R
	n := len(items)
	attempt.Run(func() (err error) {
		results, err = t.job(data, items)
		return err
	}, func(err error) { t.batch.settle(g, outcomeOf(n, results, err)) })
}

// Func is for observers of the object.
func (t *turn[T, V, R]) Func() any { return t.job }

// Ended is also called if the value of a key could not be made, with the reason. If the job
// has run, a later failure comes from an observer and does not count for the items.
func (t *turn[T, V, R]) Ended(err error) {
	if t.reached || err == nil {
		return
	}
	if g, _ := t.batch.next(); g != nil {
		t.batch.settle(g, outcome[R]{err: err})
	}
}

// next takes the first batch out of the line, if it is due.
func (b *Batch[V, R]) next() (g *gathered[V, R], items []V) {
	b.mu.Lock()
	defer b.mu.Unlock()
	first := b.line.Front()
	if first == nil || !first.Value.(*gathered[V, R]).due {
		return nil, nil
	}
	g = first.Value.(*gathered[V, R])
	b.leave(g)
	b.running = g
	items = make([]V, len(g.entries))
	for i, e := range g.entries {
		items[i] = e.item
		e.item = *new(V) // the future may live long
	}
	return g, items
}

// settle gives each entry of a batch that has left the line its result.
func (b *Batch[V, R]) settle(g *gathered[V, R], o outcome[R]) {
	b.mu.Lock()
	if b.running == g {
		b.running = nil
	}
	job := g.job
	b.mu.Unlock()
	job.End()
	for i, e := range g.entries {
		e.Settle(o.of(i))
	}
	g.over.Resolve(struct{}{})
}
