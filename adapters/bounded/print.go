package bounded

import (
	"fmt"
	"log/slog"

	"github.com/go-desync/go-desync/adapters/internal/show"
)

// String describes the bound for people: its type and address; whether it is idle, busy or
// full; and how much of its room is taken. Print a bound by its pointer.
func (b *Bound) String() string { return b.info().String() }

// Format writes what String returns, whatever the verb. Without it, verbs such as %+v and
// %#v would read the fields while others change them.
func (b *Bound) Format(f fmt.State, verb rune) { show.Format(f, b) }

// LogValue is what package slog logs of the bound: a group of what String says.
func (b *Bound) LogValue() slog.Value {
	if b == nil {
		return slog.AnyValue(nil)
	}
	return b.info().LogValue()
}

func (b *Bound) info() show.Info {
	taken, state := b.taken.Load(), "busy"
	switch taken {
	case 0:
		state = "idle"
	case b.size:
		state = "full"
	}
	return show.Info{Object: show.Name(b), State: state, Numbers: []slog.Attr{
		slog.Int64("taken", taken), slog.Int64("size", b.size),
	}}
}
