package asyncslog

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"sync"
	"time"

	"github.com/go-desync/go-desync/adapters/internal/attempt"
	"github.com/go-desync/go-desync/adapters/internal/onstack"
	"github.com/go-desync/go-desync/desync"
)

// A queue is the records of one Handler, and of those derived from it, on their way
// to the wrapped handler.
type queue struct {
	d    desync.Desync[failures]
	root slog.Handler // is told of records that were dropped
	full Policy
	room chan struct{} // holds one for each record that is queued or being written

	// mu makes one step of leaving room or finding none, and of what follows from
	// it. So there is always a record to leave, and to look at dropped, after it has
	// been counted up; and the notice stands in the place of the records.
	mu      sync.Mutex
	dropped int        // since the last notice
	worst   slog.Level // of those
}

// failures are what the wrapped handler failed to do since the last flush.
type failures struct {
	records int
	first   error
}

func (f *failures) add(err error) {
	if err == nil {
		return
	}
	if f.records == 0 {
		f.first = err
	}
	f.records++
}

func (q *queue) put(ctx context.Context, next slog.Handler, r slog.Record) error {
	job := func(f *failures) {
		defer q.leave()
		write(f, ctx, next, r)
	}
	if q.full == Wait && q.wait() {
		q.d.Async(job)
		return nil
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.full == Wait || q.dropped == 0 {
		select {
		case q.room <- struct{}{}:
			q.d.Async(job)
			return nil
		default:
		}
	}
	q.dropped++
	q.worst = max(q.worst, r.Level, slog.LevelWarn)
	return ErrDropped
}

// wait takes room, and waits for it if need be. It does not wait, and returns false,
// while a record is written: what is queued may wait for that one.
func (q *queue) wait() bool {
	select {
	case q.room <- struct{}{}:
		return true
	default:
	}
	if onstack.Has(reflect.TypeFor[queue]().PkgPath() + ".write") {
		return false
	}
	q.room <- struct{}{}
	return true
}

// write is named in wait.
func write(f *failures, ctx context.Context, next slog.Handler, r slog.Record) {
	attempt.Run(func() error { return next.Handle(ctx, r) }, f.add)
}

// leave gives back the room of a record.
func (q *queue) leave() {
	q.mu.Lock()
	defer q.mu.Unlock()
	<-q.room
	if q.full == Wait || len(q.room) <= cap(q.room)/2 {
		q.notice()
	}
}

// notice queues the record that tells how many others were dropped. It takes no
// room: there are never more than a few of them. mu is locked.
func (q *queue) notice() {
	if q.dropped == 0 {
		return
	}
	n := q.dropped
	r := slog.NewRecord(time.Now(), q.worst, DroppedMessage, 0)
	r.AddAttrs(slog.Int(DroppedKey, n))
	q.dropped, q.worst = 0, slog.LevelWarn
	q.d.Async(func(f *failures) {
		attempt.Run(func() error { return q.root.Handle(context.Background(), r) }, func(err error) {
			if err != nil {
				f.add(fmt.Errorf("counting %d records that were dropped: %w", n, err))
			}
		})
	})
}

func (q *queue) flush(ctx context.Context) error {
	q.mu.Lock()
	q.notice()
	q.mu.Unlock()
	var failed failures
	err := q.d.DoContext(ctx, func(_ context.Context, f *failures) error {
		failed, *f = *f, failures{}
		return nil
	})
	if err != nil {
		return fmt.Errorf("asyncslog: not all records are written yet: %w", err)
	}
	if failed.records > 0 {
		return fmt.Errorf("asyncslog: %d records were not written, the first one: %w", failed.records, failed.first)
	}
	return nil
}
