package batch

import (
	"fmt"
	"log/slog"

	"github.com/go-desync/go-desync/adapters/internal/show"
)

// String describes the Batch for people: its type and address; whether it is idle, busy or
// closed; and how many items wait and run. Print a Batch by its pointer.
func (b *Batch[V, R]) String() string { return b.info().String() }

// Format writes what String returns, whatever the verb. Without it, verbs such as %+v and
// %#v would read the fields while others change them.
func (b *Batch[V, R]) Format(f fmt.State, verb rune) { show.Format(f, b) }

// LogValue is what package slog logs of the Batch: a group of what String says.
func (b *Batch[V, R]) LogValue() slog.Value {
	if b == nil {
		return slog.AnyValue(nil)
	}
	return b.info().LogValue()
}

func (b *Batch[V, R]) info() show.Info {
	b.mu.Lock()
	defer b.mu.Unlock()
	running := 0
	if b.running != nil {
		running = b.running.live
	}
	state := "idle"
	switch {
	case b.closed:
		state = "closed"
	case b.waiting+running > 0:
		state = "busy"
	}
	return show.Info{Object: show.Name(b), State: state, Numbers: []slog.Attr{
		slog.Int("waiting", b.waiting), slog.Int("running", running),
	}}
}
