package batch

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-desync/go-desync/adapters/internal/ended"
	"github.com/go-desync/go-desync/desync"
)

// Flush makes what is gathered wait for no more items, waits until everything that was added
// before has run or was taken out, and returns nil. What became of the items, only those who
// added them learn.
//
// If ctx ends first, Flush returns an error that matches ctx.Err() and context.Cause(ctx) and
// says how many items are left; they still run. Like [Batch.Add], Flush must not be called in
// a job of the object, and returns a [*desync.DeadlockError] in the same cases. Flush panics
// if ctx is nil.
func (b *Batch[V, R]) Flush(ctx context.Context) error {
	if ctx == nil {
		panic("batch: Flush: the context must not be nil")
	}
	return b.wait(ctx, false)
}

// Close makes the Batch refuse further items with [ErrClosed], and then does what
// [Batch.Flush] does. Further calls do the same again. Close panics if ctx is nil.
func (b *Batch[V, R]) Close(ctx context.Context) error {
	if ctx == nil {
		panic("batch: Close: the context must not be nil")
	}
	return b.wait(ctx, true)
}

func (b *Batch[V, R]) wait(ctx context.Context, closing bool) error {
	left, now := b.all(closing)
	if now != nil {
		b.queueTurn(now)
	}
	if len(left) == 0 {
		return nil
	}
	if err := b.self(ctx); err != nil {
		return err
	}
	for i, g := range left {
		_, err := g.over.Future().Await(ctx)
		if err == nil {
			continue
		}
		what := fmt.Sprintf("batch: items that have not run yet: %d", b.count(left[i:]))
		if _, ok := errors.AsType[*desync.DeadlockError](err); ok {
			return fmt.Errorf("%s: %w", what, err)
		}
		return ended.Error(ctx, what)
	}
	return nil
}

// all returns the batches that are not over, and the one that needs a turn now, if any.
func (b *Batch[V, R]) all(closing bool) (all []*gathered[V, R], now *gathered[V, R]) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = b.closed || closing
	if b.running != nil {
		all = append(all, b.running)
	}
	for e := b.line.Front(); e != nil; e = e.Next() {
		all = append(all, e.Value.(*gathered[V, R]))
	}
	if b.open != nil && b.becomesDue(b.open) {
		now = b.open
	}
	b.open = nil // later items are not to be waited for
	return all, now
}

// count returns how many items have not settled.
func (b *Batch[V, R]) count(all []*gathered[V, R]) (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, g := range all {
		if _, over := g.over.Future().Try(); !over {
			n += g.live
		}
	}
	return n
}
