package writer

import (
	"fmt"
	"log/slog"

	"github.com/go-desync/go-desync/adapters/internal/show"
)

// String describes the writer for people: its type and address; whether it is idle or
// busy, closed, or has failed; and how many bytes of memory are taken, and how many there
// are. It does not wait, and calls no method of the other writer, so that the other
// writer may call it. Print a writer by its pointer.
func (w *Writer) String() string { return w.info().String() }

// Format writes what String returns, whatever the verb. Without it, verbs such as %+v and
// %#v would read the fields while others change them.
func (w *Writer) Format(f fmt.State, verb rune) { show.Format(f, w) }

// LogValue is what package slog logs of the writer: a group of what String says.
func (w *Writer) LogValue() slog.Value {
	if w == nil {
		return slog.AnyValue(nil)
	}
	return w.info().LogValue()
}

func (w *Writer) info() show.Info {
	w.mu.Lock()
	defer w.mu.Unlock()
	state, taken := "idle", w.room.Taken()
	switch {
	case w.refused == ErrClosed:
		state = "closed"
	case w.refused != nil:
		state = "failed"
	case taken > 0:
		state = "busy"
	}
	return show.Info{Object: show.Name(w), State: state, Numbers: []slog.Attr{
		slog.Int64("taken", taken), slog.Int64("bound", w.room.Size),
	}}
}
