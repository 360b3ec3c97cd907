package natsmap

import (
	"context"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// keep saves the checkpoints, and cuts the log below the lowest.
func (l *loop[T]) keep(ctx context.Context) {
	log, known := l.view.seen()
	if !known {
		return
	}
	for _, p := range l.parts {
		if p.keeping.CompareAndSwap(false, true) {
			l.working.Go(func() {
				defer p.keeping.Store(false)
				p.keep(ctx, l.m.self, log.end)
			})
		}
	}
	l.cut(ctx)
}

// cut removes what all partitions have behind them from the log. Whoever has the first
// partition does it.
func (l *loop[T]) cut(ctx context.Context) {
	if l.parts[0] == nil || !l.cutting.CompareAndSwap(false, true) {
		return
	}
	l.mu.Lock()
	low := uint64(0)
	for n := range l.m.family.config.partitions {
		o := l.owners[n]
		at := o.Checkpoint
		if o.Hold > 0 {
			at = min(at, o.Hold-1)
		}
		if n == 0 || at < low {
			low = at
		}
	}
	l.mu.Unlock()
	if low == l.below || low < l.below+cutAfter && time.Since(l.cutAt) < keepEach && !l.s.full.Swap(false) {
		l.cutting.Store(false)
		return
	}
	l.below, l.cutAt = low, time.Now()
	l.working.Go(func() {
		defer l.cutting.Store(false)
		attempt, cancel := context.WithTimeout(ctx, publishWait)
		defer cancel()
		if log, err := l.s.js.Stream(attempt, l.m.family.logStream()); err == nil {
			_ = log.Purge(attempt, jetstream.WithPurgeSequence(low+1)) // if it fails, the next one does it
		}
	})
}

// cutAfter is how many commands must be behind all partitions until the log is cut before a
// second has passed. A cut takes some microseconds for each.
const cutAfter = 1000
