package asyncslog_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-desync/go-desync/adapters/asyncslog"
	"github.com/go-desync/go-desync/adapters/internal/showtest"
	"github.com/go-desync/go-desync/desync"
)

// A standing handler handles a record when the gate is open.
type standing struct {
	slog.Handler
	gate chan struct{}
}

func (g standing) Handle(context.Context, slog.Record) error { <-g.gate; return nil }

func TestPrint(t *testing.T) {
	showtest.Nil(t, (*asyncslog.Handler)(nil))
	gate := make(chan struct{})
	h := asyncslog.New(standing{slog.NewTextHandler(io.Discard, nil), gate}, 2, asyncslog.Drop)
	showtest.Check(t, h, "idle")
	for range 5 {
		slog.New(h).Info("text")
	}
	showtest.Check(t, h, "busy, 2 pending, 3 dropped")
	showtest.Check(t, h.WithGroup("g").(*asyncslog.Handler), "busy, 2 pending, 3 dropped")
	close(gate)
	assert.NoError(t, h.Flush(t.Context()))
	showtest.Check(t, h, "idle")
}

// Also when the handler logs itself.
func TestPrintingReadsNoData(t *testing.T) {
	h := asyncslog.New(slog.NewTextHandler(io.Discard, nil), 5, asyncslog.Wait)
	stop := showtest.While(h)
	for range 300 {
		slog.New(h).Info("text", "handler", h)
	}
	assert.NoError(t, h.Flush(t.Context()))
	stop()
}

// The error speaks of the handler, not of what it is made of, and what has been accepted
// will be written.
func TestErrorOfAFlushThatGivesUp(t *testing.T) {
	gate := make(chan struct{})
	h := asyncslog.New(standing{slog.NewTextHandler(io.Discard, nil), gate}, 2, asyncslog.Drop)
	slog.New(h).Info("text")
	reason := errors.New("a reason")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(reason)
	err := h.Flush(ctx)
	assert.EqualError(t, err, "asyncslog: not all records are written yet: a reason")
	assert.ErrorIs(t, err, context.Canceled)
	assert.ErrorIs(t, err, reason)
	assert.NotErrorIs(t, err, desync.ErrNotRun)
	close(gate)
	assert.NoError(t, h.Flush(t.Context()))
}
