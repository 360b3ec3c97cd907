package natsmap

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// checkpoint saves how far the partition is, and who has it from now on. An error that is
// ErrLost says that another has it. Once the partition is handed over, nothing is written.
func (p *part[T]) checkpoint(ctx context.Context, owner string) error {
	_, err := p.write(ctx, owner, false)
	return err
}

// write is checkpoint that returns the sequence of the record. If always is true, the record is
// written also if it is the same: whatever has a higher sequence came later than the call.
func (p *part[T]) write(ctx context.Context, owner string, always bool) (rev uint64, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.record.Owner == "" {
		return p.rev, nil // handed over: a keep that comes late must not take it back
	}
	next := p.record
	next.Owner = owner
	next.Checkpoint, _ = p.front()
	next.Hold = p.held()
	next.Removed = max(next.Removed, p.removed.Load())
	if next == p.record && !always {
		return p.rev, nil
	}
	rev, err = writeOwnership(ctx, p.js, p.family, p.p, next, p.rev)
	if errors.Is(err, ErrLost) {
		// Perhaps it is our own, of an attempt whose end was not known.
		var o owned
		if o, err = p.m.readOwnership(ctx, p.p); err == nil && o.Owner == p.record.Owner && o.Epoch == p.record.Epoch {
			p.record, p.rev = o.ownership, o.rev
			rev, err = writeOwnership(ctx, p.js, p.family, p.p, next, p.rev)
		} else if err == nil {
			err = fmt.Errorf("natsmap: %w", ErrLost)
		}
	}
	if err == nil {
		p.record, p.rev = next, rev
	}
	return p.rev, err
}

// follow compares the partition with the end of the log. If nothing is to be done, it moves the
// checkpoint there: else the log could not be cut. If commands are there and none has come for
// stalled, it begins to read anew: whatever has gone wrong on the way, the partition goes on.
func (p *part[T]) follow(ctx context.Context, end uint64) error {
	seen, open := p.window.front()
	if open > 0 {
		seen = p.window.seen()
	}
	if now := time.Now(); seen != p.seen {
		p.seen, p.seenAt = seen, now
	}
	idle := time.Since(p.seenAt) > stalled
	if end <= seen || open > 0 && !idle {
		return nil
	}
	log, err := p.js.Stream(ctx, p.family.logStream())
	if err != nil {
		return err
	}
	last, err := log.GetLastMsgForSubject(ctx, p.family.partSubjects(p.p))
	switch {
	case err == nil && last.Sequence > seen:
		if idle {
			p.seenAt = time.Now()
			p.feed.close()
		}
	case open == 0 && (err == nil || errors.Is(err, jetstream.ErrMsgNotFound)):
		p.window.pass(end)
	}
	return nil
}

const stalled = 5 * time.Second

// keep saves the checkpoint. end was the last command of the log a moment ago.
func (p *part[T]) keep(ctx context.Context, owner string, end uint64) {
	attempt, cancel := context.WithTimeout(ctx, publishWait)
	defer cancel()
	if p.kept.IsZero() || time.Since(p.kept) >= keepEach || p.s.full.Load() {
		p.kept = time.Now()
		p.clear()
		_ = p.follow(attempt, end) // it may stay where it is
		if errors.Is(p.checkpoint(attempt, owner), ErrLost) {
			p.cancel(ErrLost)
		}
	}
}

const keepEach = time.Second
