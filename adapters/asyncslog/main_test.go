package asyncslog_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/go-desync/go-desync/adapters/asyncslog"
)

func TestMain(m *testing.M) {
	if name := os.Getenv(crashEnv); name != "" {
		crash(name)
		return
	}
	goleak.VerifyTestMain(m)
}

// A recorder is a handler that notes what it handles. Before that it calls hook.
type recorder struct {
	slog.Handler // for what the tests do not use
	hook         func(ctx context.Context, r slog.Record) error

	mu  sync.Mutex
	got []string
}

func (h *recorder) Enabled(context.Context, slog.Level) bool { return true }

func (h *recorder) Handle(ctx context.Context, r slog.Record) error {
	if h.hook != nil {
		if err := h.hook(ctx, r); err != nil {
			return err
		}
	}
	line := r.Message
	if r.Message == asyncslog.DroppedMessage {
		line = r.Level.String()
	}
	r.Attrs(func(a slog.Attr) bool {
		line += fmt.Sprintf(" %s", a)
		return true
	})
	h.mu.Lock()
	defer h.mu.Unlock()
	h.got = append(h.got, line)
	return nil
}

func (h *recorder) lines() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.got
}

// gated returns a recorder that handles a record for each value sent, or any when
// the channel is closed.
func gated() (h *recorder, gate chan struct{}) {
	gate = make(chan struct{})
	return &recorder{hook: func(context.Context, slog.Record) error { <-gate; return nil }}, gate
}
