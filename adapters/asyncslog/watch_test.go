//go:build race || desyncdebug

package asyncslog_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	"github.com/go-desync/go-desync/adapters/asyncslog"
	"github.com/go-desync/go-desync/desync"
)

type flushing struct {
	slog.Handler
	flush func()
}

func (f flushing) Handle(context.Context, slog.Record) error { f.flush(); return nil }

// The wrapped handler waits for the records, of which it is writing one.
func TestNST3_FlushByTheWrappedHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h *asyncslog.Handler
		var err error
		h = asyncslog.New(flushing{slog.NewTextHandler(io.Discard, nil), func() { err = h.Flush(context.Background()) }}, 3, asyncslog.Wait)
		slog.New(h).Info("text")
		assert.NoError(t, h.Flush(t.Context()))
		_, ok := errors.AsType[*desync.DeadlockError](err)
		assert.Truef(t, ok, "NST-3: a Flush by the wrapped handler gave %v; want a DeadlockError", err)
		assert.ErrorContains(t, err, `for "asyncslog",`, "NST-3: the error names the handler")
	})
}
