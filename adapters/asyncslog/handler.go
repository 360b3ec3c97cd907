package asyncslog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
)

// The errors of [Handler.Handle]. A slog.Logger ignores them; they are for handlers
// further up.
var (
	// ErrDropped says that the record was dropped because the queue is full. The
	// records that are dropped are counted in the log itself.
	ErrDropped = errors.New("asyncslog: the queue is full, the record is dropped")

	// ErrNotWritten says that a record of [FlushFrom] is queued, and was not written
	// in time.
	ErrNotWritten = errors.New("asyncslog: the record is queued and not written yet")
)

// A Policy says what is done with a record when the queue is full.
type Policy int

const (
	// Wait makes the caller wait until there is room, for a limited time: see
	// [MaxWait]. After that the record is dropped.
	Wait Policy = iota

	// Drop drops the record, and all that follow until half of the queue is free.
	// Then a record that tells how many were dropped is queued in their place.
	Drop

	// DropOldest drops the oldest record that is queued, so that the latest ones
	// are kept. The record that is being written cannot be dropped.
	DropOldest
)

// The record that tells how many were dropped. Its level is slog.LevelWarn, or that of
// the dropped record with the highest level if that is higher.
const (
	DroppedMessage = "log records dropped, the queue was full" // its message
	DroppedKey     = "dropped"                                 // the key of their number
)

// A Handler passes records on to another handler, which formats and writes them, in
// the background and in order. It and the handlers that its WithAttrs and WithGroup
// return share one queue. All may be used by several goroutines at once.
//
// It needs no Close: while nothing is queued it owns no goroutine. But call
// [Handler.Flush] before the process ends.
//
// In a [*desync.DeadlockError], in profiles and in execution traces, a Handler has the
// name "asyncslog".
type Handler struct {
	next  slog.Handler
	queue *queue
}

// New returns a handler that passes records on to next. At most bound records are
// queued at a time, including the one that is being written; full says what to do when
// there are more. Only records of [KeepFrom] and [FlushFrom] go past the bound.
//
// New panics if next is nil, bound is not positive or full is not a Policy.
func New(next slog.Handler, bound int, full Policy, opts ...Option) *Handler {
	if next == nil {
		panic("asyncslog: New: the handler must not be nil")
	}
	if bound <= 0 {
		panic(fmt.Sprintf("asyncslog: New: the bound must be positive, it is %d", bound))
	}
	if full < Wait || full > DropOldest {
		panic(fmt.Sprintf("asyncslog: New: there is no policy %d", full))
	}
	return &Handler{next, newQueue(next, bound, configure(full, opts))}
}

// Enabled returns what Enabled of the wrapped handler returns.
func (h *Handler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

// Handle queues r to be handled by the wrapped handler, and returns. If the queue is
// full it waits, or drops a record, according to the policy; it goes on even if ctx
// ends. It returns [ErrDropped] if it drops r. Otherwise it returns nil, except for
// records of [FlushFrom]: [Handler.Flush] returns the errors of the wrapped handler.
//
// LogValuers in r are resolved before Handle returns, on the calling goroutine.
// Everything else is formatted later, so the values that attributes refer to must not
// change.
//
// The wrapped handler gets a context that has the values of ctx and does not end. The
// values are read when the record is written, unless [TakeContext] is used.
//
// The wrapped handler may log to this Handler itself. Such a record does not wait: if
// the queue is full it is dropped and counted, whatever the policy.
func (h *Handler) Handle(ctx context.Context, r slog.Record) error {
	return h.queue.put(ctx, h.next, r)
}

// WithAttrs returns a Handler for the wrapped handler's WithAttrs, which is called
// at once.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	return &Handler{h.next.WithAttrs(attrs), h.queue}
}

// WithGroup returns a Handler for the wrapped handler's WithGroup, which is called
// at once.
func (h *Handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return &Handler{h.next.WithGroup(name), h.queue}
}

// Flush waits until every record is written whose Handle returned before the call, and
// also the number of records that were dropped. It covers all handlers that share the
// queue.
//
// If the wrapped handler has failed since the last Flush, the error says for how many
// records, and matches the first error of the wrapped handler. A panic of the wrapped
// handler counts as a [*futures.PanicError], and a runtime.Goexit as
// [futures.ErrGoexit].
//
// If ctx ends first, Flush returns an error that matches ctx.Err() and
// context.Cause(ctx); the records are still written. Flush panics if ctx is nil. If the
// wrapped handler calls Flush, it waits for itself until ctx ends; with the race
// detector, or the build tag desyncdebug, it returns a [*desync.DeadlockError] instead.
func (h *Handler) Flush(ctx context.Context) error {
	if ctx == nil {
		panic("asyncslog: Flush: the context must not be nil")
	}
	return h.queue.flush(ctx)
}
