package natsmap

import (
	"context"
	"time"
)

// look compares what this process has with what it should have.
func (l *loop[T]) look(ctx context.Context) {
	f := l.m.family
	l.see(ctx)
	now := time.Now()
	if last := l.confirmed.Load(); last == nil || now.Sub(*last) > f.config.lease {
		// Others have taken the partitions, or may at any moment.
		l.lose(ErrSilent)
		return
	}
	live, owners, deaf := l.living(now)
	taking, cancel := context.WithTimeout(ctx, min(publishWait, f.config.lease/2)) // all of them: look must come again
	defer cancel()
	for n := range f.config.partitions {
		if deaf { // all stays as it is
			break
		}
		p, o := l.parts[n], owners[n]
		mine := o.Version <= f.config.version && ownerOf(atLeast(live, o.Version), n) == l.m.self
		switch {
		case p != nil && (p.ctx.Err() != nil || p.overtaken(o)):
			l.release(n, ErrLost)
		case p != nil && !mine:
			l.let(n, func(p *part[T]) { p.drain(ctx) })
		case p != nil:
		case mine && (o.Owner == "" || o.Owner == l.m.self || live[o.Owner] == 0):
			l.unlessEnding(n, func() { l.take(ctx, taking, n, o) })
		case !mine && o.Owner == l.m.self:
			l.unlessEnding(n, func() { l.free(ctx, n, o) })
		}
	}
	l.keep(ctx)
}

func (l *loop[T]) unlessEnding(n int, f func()) {
	if _, ending := l.ending.Load(n); !ending {
		f()
	}
}

// free gives a partition back that this process has by its record only: it was silent, or could
// not hand over, and by now the partition is another's. That one waits as long as the record
// names a process that lives.
func (l *loop[T]) free(ctx context.Context, n int, o owned) {
	if !l.freeing.CompareAndSwap(false, true) {
		return // the next look
	}
	l.working.Go(func() {
		defer l.freeing.Store(false)
		attempt, cancel := context.WithTimeout(ctx, publishWait)
		defer cancel()
		next := o.ownership
		next.Owner = ""
		// If it is refused, the record is newer than this process has heard; the next look tells.
		_, _ = writeOwnership(attempt, l.s.js, l.m.family, n, next, o.rev)
	})
}

// overtaken reports whether another process has taken the partition.
func (p *part[T]) overtaken(o owned) bool {
	return o.Epoch > p.epoch
}

// let lets go of a partition; end ends it.
func (l *loop[T]) let(n int, end func(p *part[T])) {
	p := l.parts[n]
	delete(l.parts, n)
	l.ending.Store(n, true)
	l.working.Go(func() {
		end(p)
		l.m.serving.has(n, nil)
		l.s.has(n, nil)
		l.ending.Delete(n)
	})
}

// release lets go of a partition at once.
func (l *loop[T]) release(n int, why error) { l.let(n, func(p *part[T]) { p.end(why) }) }

// lose lets go of all partitions at once.
func (l *loop[T]) lose(why error) {
	for n := range l.parts {
		l.release(n, why)
	}
}

// take takes a partition that nobody has, before taking ends.
func (l *loop[T]) take(ctx, taking context.Context, n int, o owned) {
	log, known := l.view.seen()
	if !known {
		return // the next look
	}
	if _, err := o.check(log, n); err != nil { // it may have grown since
		now, err := l.s.stream(taking, l.m.family.logStream())
		if err != nil {
			return
		}
		log = stateOf(now.CachedInfo())
		if fine, err := l.judge(taking, o, log, n); err != nil {
			l.view.report(err)
			return
		} else if !fine {
			return
		}
	}
	next := ownership{l.m.self, o.Epoch + 1, o.Checkpoint, max(o.Version, l.m.family.config.version), o.Hold, log.made, o.Removed}
	rev, err := writeOwnership(taking, l.s.js, l.m.family, n, next, o.rev)
	if err != nil {
		return // somebody was faster, or the server does not answer; the next look tells
	}
	l.mu.Lock()
	if l.owners[n].rev < rev {
		l.owners[n] = owned{next, rev}
	}
	l.mu.Unlock()
	p := l.m.newPart(ctx, l.s, n, next, rev)
	l.parts[n] = p
	l.m.serving.has(n, p.stats)
	l.s.has(n, p.most)
	p.start()
}

// ownersNow returns who has each partition.
func (l *loop[T]) ownersNow() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	owners := make([]string, l.m.family.config.partitions)
	for n := range owners {
		owners[n] = l.owners[n].Owner
	}
	return owners
}
