package natsmap

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// A logView is the log as it was a moment ago, and whether it can still be served.
type logView struct {
	failed  chan error // of one
	looking atomic.Bool

	mu        sync.Mutex
	at        time.Time
	log       logState
	stateMade int64
}

func (v *logView) seen() (log logState, known bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.log, !v.at.IsZero()
}

func (v *logView) report(err error) {
	select {
	case v.failed <- err:
	default:
	}
}

// see looks at the streams each second, beside the loop.
func (l *loop[T]) see(ctx context.Context) {
	v := &l.view
	if l.s.nc.IsClosed() || l.m.nc.IsClosed() {
		v.report(fmt.Errorf("natsmap: serve %s: %w", l.m.family.name, nats.ErrConnectionClosed))
		return
	}
	v.mu.Lock()
	due := time.Since(v.at) >= keepEach
	v.mu.Unlock()
	if !due || !v.looking.CompareAndSwap(false, true) {
		return
	}
	l.working.Go(func() {
		defer v.looking.Store(false)
		if err := l.inspect(ctx); err != nil {
			v.report(err)
		}
	})
}

// inspect returns an error if what was served is not there any more.
func (l *loop[T]) inspect(ctx context.Context) error {
	f, v := l.m.family, &l.view
	changed := func(reason string) error { return &LogChangedError{Family: f.name, Reason: reason} }
	states, err := l.s.stream(ctx, f.stateStream())
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return changed("the stream of the states is gone")
	} else if err != nil {
		return nil // it does not answer
	}
	now, err := l.s.stream(ctx, f.logStream())
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return changed("it is gone")
	} else if err != nil {
		return nil
	}
	log, stateMade := stateOf(now.CachedInfo()), states.CachedInfo().Created.UnixNano()
	v.mu.Lock()
	first, before, stateBefore := v.at.IsZero(), v.log, v.stateMade
	if first { // before that, nothing is taken
		states.CachedInfo().Config.AllowDirect = false // by this the client chooses whom it asks
		l.m.latest = states
	}
	v.at, v.log, v.stateMade = time.Now(), log, stateMade
	v.mu.Unlock()
	switch {
	case first:
		l.signal()
		return nil
	case before.made != log.made:
		return changed("it was made again")
	case stateBefore != stateMade:
		return changed("the stream of the states was made again")
	}
	return l.cutAbove(ctx, log)
}

func stateOf(info *jetstream.StreamInfo) logState {
	first := info.State.FirstSeq
	if info.State.Msgs == 0 {
		first = info.State.LastSeq + 1
	}
	return logState{first, info.State.LastSeq, info.Created.UnixNano()}
}

// cutAbove returns an error if commands are gone that this process has not run. log is from
// before the call, so that what the owners have cut since is not in it.
func (l *loop[T]) cutAbove(ctx context.Context, log logState) error {
	for _, p := range l.m.Stats().Partitions {
		if log.first <= p.Checkpoint+1 {
			continue
		}
		o, err := l.m.readOwnership(ctx, p.Partition)
		if err != nil || o.Owner != l.m.self { // another has it, and has gone on
			continue
		}
		if _, err := l.judge(ctx, o, log, p.Partition); err != nil {
			return err
		}
	}
	return nil
}

// judge compares a record with the log. The error is a *LogChangedError. If it is nil and fine
// is false, it is not known.
func (l *loop[T]) judge(ctx context.Context, o owned, log logState, n int) (fine bool, _ error) {
	cut, err := o.check(log, n)
	if err == nil {
		return true, nil
	}
	if cut {
		attempt, cancel := context.WithTimeout(ctx, publishWait)
		defer cancel()
		// The log is cut when the records have gone on, so the one of now tells. What was heard may
		// be older than the log.
		if now, err := l.m.readOwnership(attempt, n); err != nil || log.first <= now.Checkpoint+1 {
			return false, nil
		}
		if last, err := l.m.removed(attempt); err != nil || log.first <= last+1 {
			return err == nil, nil
		}
	}
	err.Family = l.m.family.name
	return false, err
}
