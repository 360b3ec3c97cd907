package natsmap

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// A LogChangedError says that the log is not the one that the partitions were served from: it
// was removed and made again, or restored from a backup. Serving it would pass commands over,
// or take others for them, so nobody does.
//
// To begin with the log as it is, remove the stream of the states too, or, if the states are
// those of the log, the records of the owners in it: the messages whose subjects are the
// family's name, o and the partition.
type LogChangedError struct {
	Family    string
	Partition int
	Reason    string
}

func (e *LogChangedError) Error() string {
	return fmt.Sprintf("natsmap: the log of %s has changed since partition %d was last served: %s", e.Family, e.Partition, e.Reason)
}

// check reports whether the record of a partition is of this log.
func (o ownership) check(end uint64, made int64, n int) *LogChangedError {
	switch {
	case o.Log != 0 && o.Log != made:
		return &LogChangedError{Partition: n, Reason: fmt.Sprintf("it was made %s, and the log before it %s",
			time.Unix(0, made).UTC().Format(time.RFC3339), time.Unix(0, o.Log).UTC().Format(time.RFC3339))}
	case o.Checkpoint > end:
		return &LogChangedError{Partition: n, Reason: fmt.Sprintf("its last command is %d, and %d are saved", end, o.Checkpoint)}
	}
	return nil
}

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
