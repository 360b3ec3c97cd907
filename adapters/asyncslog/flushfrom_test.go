package asyncslog_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-desync/go-desync/adapters/asyncslog"
	"github.com/go-desync/go-desync/adapters/internal/bubbles"
)

var policies = []asyncslog.Policy{asyncslog.Wait, asyncslog.Drop, asyncslog.DropOldest}

// handle gives h a record and returns what Handle returned.
func handle(t *testing.T, h slog.Handler, level slog.Level, message string) error {
	t.Helper()
	return h.Handle(t.Context(), slog.NewRecord(time.Now(), level, message, 0))
}

func TestFlushFromReturnsWhenTheRecordIsWritten(t *testing.T) {
	for _, policy := range policies {
		bubbles.Run(t, func(t *testing.T) {
			next := &recorder{hook: func(context.Context, slog.Record) error { time.Sleep(time.Millisecond); return nil }}
			level := new(slog.LevelVar)
			level.Set(slog.LevelError)
			h := asyncslog.New(next, 3, policy, asyncslog.FlushFrom(level))
			for range 3 {
				assert.Zero(t, took(func() { require.NoError(t, handle(t, h, slog.LevelInfo, "line")) }))
			}
			d := took(func() { require.NoError(t, handle(t, h, slog.LevelError, "last words")) })
			assert.Equal(t, 4*time.Millisecond, d, "policy %d: for all before it, and for itself", policy)
			assert.Equal(t, []string{"line", "line", "line", "last words"}, next.lines())
			level.Set(slog.LevelInfo)
			assert.Equal(t, time.Millisecond, took(func() { slog.New(h).Info("line") }), "the level was set to Info")
		})
	}
}

func TestFlushFromIsLimited(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		next, gate := gated()
		h := asyncslog.New(next, 1, asyncslog.Drop, asyncslog.FlushFrom(slog.LevelError), asyncslog.MaxWait(time.Minute))
		slog.New(h).Info("1")
		slog.New(h).Info("2")
		var err error
		assert.Equal(t, time.Minute, took(func() { err = handle(t, h, slog.LevelError, "3") }))
		assert.ErrorIs(t, err, asyncslog.ErrNotWritten)
		assert.Zero(t, took(func() { err = handle(t, h, slog.LevelError, "4") }), "straight after a wait in vain")
		assert.ErrorIs(t, err, asyncslog.ErrNotWritten)
		close(gate)
		require.NoError(t, h.Flush(t.Context()))
		assert.Equal(t, []string{"1", "WARN dropped=1", "3", "4"}, next.lines(), "they are written after all")
	})
}

func TestFlushFromReturnsTheError(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		full := errors.New("disk full")
		h := asyncslog.New(&recorder{hook: func(context.Context, slog.Record) error { return full }}, 1, asyncslog.Wait,
			asyncslog.FlushFrom(slog.LevelInfo))
		assert.ErrorIs(t, handle(t, h, slog.LevelInfo, "1"), full)
		assert.ErrorIs(t, h.Flush(t.Context()), full)
	})
}

func TestFlushFromInTheWrappedHandler(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		var h *asyncslog.Handler
		next := new(recorder)
		next.hook = func(_ context.Context, r slog.Record) error {
			if r.Message == "outer" {
				assert.Zero(t, took(func() {
					assert.ErrorIs(t, handle(t, h, slog.LevelError, "inner"), asyncslog.ErrNotWritten)
				}))
			}
			return nil
		}
		h = asyncslog.New(next, 1, asyncslog.Wait, asyncslog.FlushFrom(slog.LevelError))
		slog.New(h).Info("outer")
		require.NoError(t, h.Flush(t.Context()))
		synctest.Wait()
		assert.Equal(t, []string{"outer", "inner"}, next.lines())
	})
}

func TestTakeContext(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		gate := make(chan struct{})
		var got []any
		next := &recorder{hook: func(ctx context.Context, _ slog.Record) error {
			<-gate
			got = append(got, ctx.Value(ctxKey{}))
			return nil
		}}
		h := asyncslog.New(next, 10, asyncslog.Wait, asyncslog.TakeContext(func(ctx context.Context) context.Context {
			return context.WithValue(context.Background(), ctxKey{}, ctx.Value(ctxKey{}))
		}))
		r := &request{Context: t.Context()}
		for r.id = range 3 { // a server that uses its context again
			slog.New(h).InfoContext(r, "request")
		}
		close(gate)
		require.NoError(t, h.Flush(t.Context()))
		assert.Equal(t, []any{0, 1, 2}, got)
	})
}

type request struct {
	context.Context
	id int
}

func (r *request) Value(any) any { return r.id }
