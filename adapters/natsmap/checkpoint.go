package natsmap

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

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

// drain finishes what is at work, for at most the time of the lease, and hands the partition
// over: while its record names a process that lives, nobody else takes it. It gives up if ctx
// ends or another has the partition.
func (p *part[T]) drain(ctx context.Context) {
	idle := make(chan struct{})
	go func() {
		defer close(idle)
		p.halt()
		p.feeding.Wait()
		p.jobs.Wait()
	}()
	long := time.NewTimer(p.family.config.lease) // a command may be tried again for minutes
	defer long.Stop()
	select {
	case <-idle:
	case <-long.C:
	case <-ctx.Done():
	case <-p.ctx.Done():
	}
	p.end(errHandedOff) // if it has ended before, the cause stays
	<-idle
	for pause := 10 * time.Millisecond; ctx.Err() == nil && !errors.Is(context.Cause(p.ctx), ErrLost); pause = min(2*pause, time.Second) {
		attempt, cancel := context.WithTimeout(ctx, publishWait)
		err := p.checkpoint(attempt, "")
		cancel()
		if err == nil || errors.Is(err, ErrLost) {
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}
