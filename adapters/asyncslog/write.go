package asyncslog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/go-desync/go-desync/adapters/internal/attempt"
	"github.com/go-desync/go-desync/adapters/internal/ended"
	"github.com/go-desync/go-desync/desync"
)

// failures are the records that the wrapped handler failed to handle since the last
// Flush.
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

// A countError is the error for a notice. It calls err.Error only in its own Error
// method, on the goroutine of the caller of Flush, since a method of the user's may end
// the goroutine.
type countError struct {
	dropped int
	err     error
}

func (e *countError) Error() string {
	return fmt.Sprintf("counting %d records that were dropped: %v", e.dropped, e.err)
}

func (e *countError) Unwrap() error { return e.err }

// writeFirst writes the first record. It is a job of d. The method wait looks for its
// name on the stack, to find out whether the wrapped handler is the caller.
func (q *queue) writeFirst(f *failures) {
	q.mu.Lock()
	r := q.records.pop()
	q.mu.Unlock()
	if r.dropped > 0 {
		r.AddAttrs(slog.Int(DroppedKey, r.dropped))
	}
	attempt.Run(func() error {
		return q.inTurn(func() error { return r.to.Handle(r.ctx, r.Record) })
	}, func(err error) {
		if err != nil && r.dropped > 0 {
			err = &countError{r.dropped, err}
		}
		f.add(err)
		q.leave(r, err)
	})
}

// leave gives back the room of r and wakes the goroutine that waits until r is written.
func (q *queue) leave(r *record, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.written++
	if r.dropped > 0 {
		return
	}
	q.room.Give(1)
	if q.full != Drop || q.room.Taken() <= q.room.Size/2 {
		q.notice()
	}
	if r.waiter != nil {
		r.done, r.err = true, err
		r.waiter.Wake() // does nothing for a waiter in another bubble, which looks when its time is up
	}
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
	const notAll = "asyncslog: not all records are written yet"
	if _, ok := errors.AsType[*desync.NotRunError](err); ok {
		return ended.Error(ctx, notAll)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", notAll, err)
	}
	if failed.records > 0 {
		return fmt.Errorf("asyncslog: %d records were not written, the first one: %w", failed.records, failed.first)
	}
	return nil
}
