package asyncslog

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// DefaultMaxWait is the longest time that a Handler waits without the option [MaxWait].
const DefaultMaxWait = time.Second

// An Option of [New] changes what a Handler does with some records, or for how long
// it waits.
type Option func(*config)

type config struct {
	full                Policy
	maxWait             time.Duration
	keepFrom, flushFrom slog.Leveler // or nil
	takeContext         func(context.Context) context.Context
	inTurn              func(write func() error) error // writes in a turn of the object of On
}

func configure(full Policy, opts []Option) config {
	c := config{full: full, maxWait: DefaultMaxWait, takeContext: context.WithoutCancel, inTurn: atOnce}
	for _, o := range opts {
		o(&c)
	}
	return c
}

func atOnce(write func() error) error { return write() }

// reaches reports whether level is at least that of from, which may be nil.
func reaches(level slog.Level, from slog.Leveler) bool {
	return from != nil && level >= from.Level()
}

// MaxWait makes [Handler.Handle] wait for at most d, instead of [DefaultMaxWait]. Handle
// waits for room, with [Wait], and until a record is written, with [FlushFrom]. If there
// is no room in time, the record is dropped; a record of [KeepFrom] is queued past the
// bound.
//
// If no record at all was written during such a wait, the wrapped handler may be stuck,
// or may wait for the goroutine that waits here. Then the limit is a tenth of the time
// that has passed since, until that is more than d. So a stuck handler costs its callers
// d once, and less than a tenth of their time from then on.
//
// No such wait is forever, so builds with the race detector look for no cycles through
// such waits.
//
// MaxWait panics if d is not positive.
func MaxWait(d time.Duration) Option {
	if d <= 0 {
		panic(fmt.Sprintf("asyncslog: MaxWait: the time must be positive, it is %v", d))
	}
	return func(c *config) { c.maxWait = d }
}

// KeepFrom says that records of this level and above are never dropped. If there is no
// room, such a record is queued past the bound; with [Wait] it waits first. Nothing
// limits the memory of these records, so choose a level that is rare.
//
// The level may be a [slog.LevelVar]. KeepFrom panics if it is nil.
func KeepFrom(level slog.Leveler) Option {
	if level == nil {
		panic("asyncslog: KeepFrom: the level must not be nil")
	}
	return func(c *config) { c.keepFrom = level }
}

// FlushFrom makes [Handler.Handle] return only when a record of this level or above has
// been written, after all that were queued before it. So the last record before an
// os.Exit is not lost. Such records are never dropped and do not wait for room: if
// there is none, they are queued past the bound.
//
// Handle waits for [MaxWait] at most, and not at all if the wrapped handler calls it. If
// the record is not written then, Handle returns [ErrNotWritten], and the record stays
// queued. Otherwise it returns the error of the wrapped handler for that record, which
// Flush returns as well. After a wait in which no record at all was written, the limit
// is much shorter for a while; see [MaxWait].
//
// The level may be a [slog.LevelVar]. FlushFrom panics if it is nil.
func FlushFrom(level slog.Leveler) Option {
	if level == nil {
		panic("asyncslog: FlushFrom: the level must not be nil")
	}
	return func(c *config) { c.flushFrom = level }
}

// TakeContext makes [Handler.Handle] call take, on the calling goroutine, to get the
// context for the wrapped handler. Without it the wrapped handler gets
// [context.WithoutCancel] of the caller's context, and reads values when the record is
// written. If contexts are used again for other requests, as in some servers, the values
// must be taken during the call:
//
//	asyncslog.TakeContext(func(ctx context.Context) context.Context {
//		return context.WithValue(context.Background(), idKey{}, ctx.Value(idKey{}))
//	})
//
// TakeContext panics if take is nil, and Handle does if take returns nil.
func TakeContext(take func(ctx context.Context) context.Context) Option {
	if take == nil {
		panic("asyncslog: TakeContext: the function must not be nil")
	}
	return func(c *config) {
		c.takeContext = func(ctx context.Context) context.Context {
			if ctx = take(ctx); ctx == nil {
				panic("asyncslog: Handle: the function of TakeContext returned nil")
			}
			return ctx
		}
	}
}
