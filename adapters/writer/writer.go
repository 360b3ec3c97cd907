package writer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"golang.org/x/sync/semaphore"

	"github.com/go-desync/go-desync/adapters/internal/attempt"
	"github.com/go-desync/go-desync/desync"
)

// ErrClosed is the error of a Write after Close.
var ErrClosed = errors.New("writer: closed")

// A Writer writes to another writer in the background. Each Write is passed on as one
// Write of the other writer, in the order of the calls, and one at a time. A Writer
// may be used by several goroutines at once.
//
// The first failure is final, as it is for a bufio.Writer: what was accepted behind it
// is not written, since it would follow a gap, and from then on Write, Flush and Close
// return the error.
type Writer struct {
	to    io.Writer
	bound int64
	room  *semaphore.Weighted // bytes that are queued or being written

	// The data is the first failure.
	d desync.Desync[error]

	// accepts ends, with the error for further Writes as its cause, when there has
	// been a failure or Close was called. That mu is locked from the look at accepts
	// until the job is queued has Close wait for all that was accepted.
	mu      sync.Mutex
	accepts context.Context
	refuse  context.CancelCauseFunc
}

// New returns a Writer that writes to w. At most bound bytes are queued at a time,
// those that are being written included; a single Write of more waits until nothing
// else is queued.
//
// New panics if w is nil or bound is not positive.
func New(w io.Writer, bound int) *Writer {
	if w == nil {
		panic("writer: New: the writer must not be nil")
	}
	if bound <= 0 {
		panic(fmt.Sprintf("writer: New: the bound must be positive, it is %d", bound))
	}
	b := &Writer{to: w, bound: int64(bound), room: semaphore.NewWeighted(int64(bound))}
	b.accepts, b.refuse = context.WithCancelCause(context.Background())
	return b
}

// Write queues a copy of p to be written, and returns len(p) and nil. If there is no
// room for p it waits. An empty p is not passed on.
//
// If a write has failed, Write accepts nothing and returns 0 and that error: it
// matches the error of the other writer, [io.ErrShortWrite] if that returned none but
// another number of bytes than it was given, a [*futures.PanicError] if it panicked or
// [futures.ErrGoexit] if it called runtime.Goexit. After Close the error is
// [ErrClosed]. A failure and Close end the wait for room, too.
//
// The other writer must not write to this one: it would wait for itself.
func (w *Writer) Write(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, context.Cause(w.accepts)
	}
	size := min(int64(len(p)), w.bound)
	if w.room.Acquire(w.accepts, size) != nil {
		return 0, context.Cause(w.accepts)
	}
	p = bytes.Clone(p)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.accepts.Err() != nil {
		return 0, context.Cause(w.accepts)
	}
	w.d.Async(func(failure *error) {
		defer w.room.Release(size)
		w.pass(p, failure)
	})
	return len(p), nil
}

// pass passes p on, if all that was before it has been written.
func (w *Writer) pass(p []byte, failure *error) {
	if *failure != nil {
		return
	}
	attempt.Run(func() error {
		n, err := w.to.Write(p)
		if err == nil && n != len(p) {
			err = fmt.Errorf("%w: the number reported is %d", io.ErrShortWrite, n)
		}
		return err
	}, func(err error) {
		if err != nil {
			*failure = fmt.Errorf("writer: writing %d bytes: %w", len(p), err)
			w.refuse(*failure)
		}
	})
}

// Flush waits until all is written whose Write has returned before the call, and
// returns nil, or the failure that Write describes. It does not flush the other
// writer.
//
// If ctx ends first, Flush returns an error that matches ctx.Err() and
// context.Cause(ctx); the rest is still written. Flush panics if ctx is nil.
func (w *Writer) Flush(ctx context.Context) error {
	if ctx == nil {
		panic("writer: Flush: the context must not be nil")
	}
	var failure error
	err := w.d.DoContext(ctx, func(_ context.Context, f *error) error {
		failure = *f
		return nil
	})
	if err != nil {
		return fmt.Errorf("writer: not all is written yet: %w", err)
	}
	return failure
}

// Close has further Writes fail with [ErrClosed], waits until all that was accepted is
// written, and returns nil or the failure that Write describes. It does not close the
// other writer. Further calls do the same again.
//
// To wait for a limited time only, call Flush before.
func (w *Writer) Close() error {
	w.mu.Lock()
	w.refuse(ErrClosed)
	w.mu.Unlock()
	return w.Flush(context.Background())
}
