package batch

import (
	"context"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
	"github.com/go-desync/go-desync/futures/waits"
)

// follow calls queue, which queues a turn. In builds that look for cycles of waits, g then
// knows the job that a wait for its items waits for; see package waits. There a batch that
// waits for more items has a turn from the beginning, which does nothing if it comes too
// early.
func (b *Batch[V, R]) follow(g *gathered[V, R], queue func()) {
	if !waits.Watching {
		queue()
		return
	}
	waits.Follow(func(j *waits.Job) {
		b.mu.Lock()
		g.job = j
		b.mu.Unlock()
		queue()
	})
}

// guard makes an Await of a promise of g report a cycle of waits that it would close.
func (b *Batch[V, R]) guard[S any](p *futures.Promise[S], g *gathered[V, R]) {
	if !waits.Watching {
		return
	}
	settled := func() bool { _, ok := p.Future().Try(); return ok }
	waits.OnAwait(p.Future(), func(ctx context.Context) (ended func(), err error) {
		b.mu.Lock()
		job := g.job
		b.mu.Unlock()
		ring := waits.Prepare(ctx.Done() != nil, settled, job).Begin()
		if ring == nil {
			return waits.End, nil
		}
		if ctx.Err() != nil { // the wait is about to end
			return func() {}, nil
		}
		return nil, &desync.DeadlockError{Ring: ring()}
	})
}
