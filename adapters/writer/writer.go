package writer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/go-desync/go-desync/adapters/internal/attempt"
	"github.com/go-desync/go-desync/adapters/internal/ended"
	"github.com/go-desync/go-desync/adapters/internal/room"
	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures/waits"
)

// ErrClosed is the error of a Write after Close.
var ErrClosed = errors.New("writer: closed")

// Overhead is the memory, in bytes, that a queued Write takes besides the copy of its
// own bytes. It counts toward the bound, so that many small writes are bounded too.
const Overhead = 72

// A Writer writes to another writer in the background. Each Write is passed on as one
// Write of the other writer, in the order of the calls, and one at a time. A Writer
// may be used by several goroutines at once.
//
// The first failure is final, as for a bufio.Writer: no later Write is passed on, since
// there would be a gap, and from then on Write, Flush and Close return the error.
//
// In a [*desync.DeadlockError], in profiles and in execution traces, a Writer has the
// name "writer".
type Writer struct {
	target   target
	overhead int64
	failure  error // the first; used in turns of the target only

	// Write looks at refused and queues its job while it holds mu. So Close, which sets
	// refused, queues its own job behind every Write that was accepted.
	mu      sync.Mutex
	room    room.Room // bytes that are queued or being written, and Overhead for each Write
	refused error     // the error of further Writes: there was a failure, or Close was called
	watch   watch
}

// New returns a Writer that writes to w. The writes that are queued or at work take at
// most about bound bytes of memory: each counts as its bytes and [Overhead] more. So a
// bound of 1 MiB has room for 6,000 lines of 100 bytes. A single Write of more than the
// bound waits until nothing else is queued.
//
// New panics if w is nil or bound is not positive.
func New(w io.Writer, bound int) *Writer {
	if w == nil {
		panic("writer: New: the writer must not be nil")
	}
	if bound <= 0 {
		panic(fmt.Sprintf("writer: New: the bound must be positive, it is %d", bound))
	}
	return to(&ownTarget{w, desync.New(struct{}{}, desync.WithName("writer"))}, bound, Overhead)
}

func to(t target, bound int, overhead int64) *Writer {
	w := &Writer{target: t, overhead: overhead}
	w.room.L, w.room.Size = &w.mu, int64(bound)
	return w
}

// Write queues a copy of p to be written, and returns len(p) and nil. If there is no
// room for p it waits. An empty p is not passed on.
//
// If a write has failed, Write accepts nothing and returns 0 and an error. The error
// matches that of the other writer, [io.ErrShortWrite] if that returned no error but
// the wrong number of bytes, a [*futures.PanicError] if it panicked, or
// [futures.ErrGoexit] if it called runtime.Goexit. After Close the error is [ErrClosed].
// A failure or Close also ends the wait for room.
//
// The other writer must not write to this one: if there is no room it waits for itself.
// Nor must a job of an object for which the other writer waits. With the race detector,
// or the build tag desyncdebug, such a Write accepts nothing and returns a
// [*desync.DeadlockError].
func (w *Writer) Write(p []byte) (int, error) {
	return w.write(len(p), func() []byte { return bytes.Clone(p) })
}

// WriteString is [Writer.Write] for a string, without a copy more. It makes a Writer an
// [io.StringWriter].
func (w *Writer) WriteString(s string) (int, error) {
	return w.write(len(s), func() []byte { return []byte(s) })
}

// write queues what clone returns, n bytes, when there is room for it.
func (w *Writer) write(n int, clone func() []byte) (int, error) {
	size := int64(n) + w.overhead
	if err := w.enter(n, size); err != nil {
		return 0, err
	}
	if n == 0 {
		return 0, nil
	}
	p := clone()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.refused != nil {
		return 0, w.refused
	}
	w.watch.follow(func() { w.target.submit(w, p, size) })
	return len(p), nil
}

// enter takes room for n bytes, and waits for it if there is none, or returns why it
// failed. Write waits nowhere else.
func (w *Writer) enter(n int, size int64) error {
	w.mu.Lock()
	var ring func() []waits.Wait
	if n > 0 {
		// Until there is room, or none is needed any more.
		w.room.Take(size, 0, w.watch.beginWait(&ring))
	}
	err := w.refused
	w.mu.Unlock()
	if ring != nil {
		err = &desync.DeadlockError{Ring: ring()}
	}
	return err
}

func (w *Writer) leave(size int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.room.Give(size)
}

// refuse makes further Writes fail with err, and also Writes that wait for room. The
// first error stays.
func (w *Writer) refuse(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.refused == nil {
		w.refused = err
		w.room.Refuse()
	}
}

// pass writes p to the other writer, unless there was a failure before.
func (w *Writer) pass(p []byte, of func() io.Writer) {
	if w.failure != nil {
		return
	}
	attempt.Run(func() error {
		n, err := of().Write(p)
		if err == nil && n != len(p) {
			err = fmt.Errorf("%w: the number reported is %d", io.ErrShortWrite, n)
		}
		return err
	}, func(err error) { w.fail(p, err) })
}

// fail notes a failure, if err is one. It is called in a turn of the target.
func (w *Writer) fail(p []byte, err error) {
	if err != nil && w.failure == nil {
		w.failure = &writeError{len(p), err}
		w.refuse(w.failure)
	}
}

// A writeError is a failure. It calls the Error method of the other writer's error only
// in its own, on the caller's goroutine, since that method may panic or end the
// goroutine.
type writeError struct {
	bytes int
	err   error
}

func (e *writeError) Error() string {
	return fmt.Sprintf("writer: writing %d bytes: %v", e.bytes, e.err)
}

func (e *writeError) Unwrap() error { return e.err }

// Flush waits until every Write that returned before the call is passed on, and returns
// nil, or the error that Write describes. It does not flush the other writer.
//
// If ctx ends first, Flush returns an error that matches ctx.Err() and
// context.Cause(ctx); the rest is still written. Flush panics if ctx is nil.
func (w *Writer) Flush(ctx context.Context) error {
	if ctx == nil {
		panic("writer: Flush: the context must not be nil")
	}
	return w.inTurn(ctx, func(func() io.Writer) error { return nil })
}

// inTurn calls do when every Write that returned before is passed on, and returns its error,
// or that of a failure before.
func (w *Writer) inTurn(ctx context.Context, do func(of func() io.Writer) error) error {
	var failure error
	err := w.target.do(ctx, func(of func() io.Writer) {
		if failure = w.failure; failure == nil {
			failure = do(of)
		}
	})
	if _, ok := errors.AsType[*desync.NotRunError](err); ok {
		return ended.Error(ctx, notAll)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", notAll, err)
	}
	return failure
}

// Sync is Flush without a limit, and then calls the method Sync of the other writer, if it has
// one, as an [*os.File] does, in its turn. So a Writer is a WriteSyncer of zapcore. An error of
// that method is returned and is no failure of the Writer.
//
// A job of an object for which the other writer waits must not call Sync, as for Write.
func (w *Writer) Sync() error {
	return w.inTurn(context.Background(), func(of func() io.Writer) error {
		if s, ok := of().(interface{ Sync() error }); ok {
			return s.Sync()
		}
		return nil
	})
}

const notAll = "writer: not all is written yet"

// Close makes further Writes fail with [ErrClosed], waits until everything that was
// accepted is written, and returns nil or the error that Write describes. It does not
// close the other writer. Further calls do the same again.
//
// To wait for a limited time only, call Flush first.
func (w *Writer) Close() error {
	w.refuse(ErrClosed)
	return w.Flush(context.Background())
}
