package natsmap

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// A logView is the log as it was a moment ago.
type logView struct {
	changed chan error // of one
	looking atomic.Bool

	mu   sync.Mutex
	at   time.Time
	end  uint64
	made int64
}

func (v *logView) seen() (end uint64, made int64, known bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.end, v.made, !v.at.IsZero()
}

func (v *logView) report(err error) {
	select {
	case v.changed <- err:
	default:
	}
}

// seeLog looks at the log each second, beside the loop.
func (l *loop[T]) seeLog(ctx context.Context) {
	v := &l.log
	v.mu.Lock()
	due := time.Since(v.at) >= keepEach
	v.mu.Unlock()
	if !due || !v.looking.CompareAndSwap(false, true) {
		return
	}
	l.working.Go(func() {
		defer v.looking.Store(false)
		info, err := l.s.stream(ctx, l.m.family.logStream())
		if errors.Is(err, jetstream.ErrStreamNotFound) {
			v.report(&LogChangedError{Family: l.m.family.name, Reason: "it is gone"})
		}
		if err != nil {
			return
		}
		made := info.Created.UnixNano()
		v.mu.Lock()
		first, before := v.at.IsZero(), v.made
		v.at, v.end, v.made = time.Now(), info.State.LastSeq, made
		v.mu.Unlock()
		switch {
		case first:
			select {
			case l.wake <- struct{}{}:
			default:
			}
		case before != made:
			v.report(&LogChangedError{Family: l.m.family.name, Reason: "it was made again"})
		}
	})
}
