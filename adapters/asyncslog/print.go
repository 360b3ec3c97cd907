package asyncslog

import (
	"fmt"
	"log/slog"

	"github.com/go-desync/go-desync/adapters/internal/show"
)

// String describes the handler for people: its type and address; whether it is idle or
// busy; how many records are pending in the queue that it shares; and how many were
// dropped that the log does not mention yet. It does not wait, and calls no method of
// the wrapped handler, so that the wrapped handler may call it.
func (h *Handler) String() string { return h.info().String() }

// Format writes what String returns, whatever the verb. Without it, verbs such as %+v
// and %#v would read the fields while others change them.
func (h *Handler) Format(f fmt.State, verb rune) { show.Format(f, h) }

// LogValue is what package slog logs of the handler: a group of what String says.
func (h *Handler) LogValue() slog.Value {
	if h == nil {
		return slog.AnyValue(nil)
	}
	return h.info().LogValue()
}

func (h *Handler) info() show.Info {
	q := h.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	state, pending := "idle", q.room.Taken()
	if pending > 0 {
		state = "busy"
	}
	return show.Info{Object: show.Name(h), State: state, Numbers: []slog.Attr{
		slog.Int64("pending", pending), slog.Int(DroppedKey, q.dropped),
	}}
}
