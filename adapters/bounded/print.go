package bounded

import (
	"fmt"
	"log/slog"

	"github.com/go-desync/go-desync/adapters/internal/show"
)

// String describes the bound for people: its type and address; whether it is idle, busy,
// full or closed; how much of its room is taken; and how many calls wait for room. Print a bound by its pointer.
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
	b.mu.Lock()
	defer b.mu.Unlock()
	r, state := &b.room, "busy"
	switch {
	case b.closed:
		state = "closed"
	case r.taken == 0:
		state = "idle"
	case r.taken >= r.size:
		state = "full"
	}
	return show.Info{Object: show.Name(b), State: state, Numbers: []slog.Attr{
		slog.Int64("taken", r.taken), slog.Int64("size", r.size), slog.Int("waiting", r.line.Len()),
	}}
}

// String describes the limit for people: its type and address; whether it is idle, busy, full
// or closed; how many jobs run and how many wait; and the limit.
func (l *Limit) String() string { return l.info().String() }

// Format writes what String returns, whatever the verb.
func (l *Limit) Format(f fmt.State, verb rune) { show.Format(f, l) }

// LogValue is what package slog logs of the limit: a group of what String says.
func (l *Limit) LogValue() slog.Value {
	if l == nil {
		return slog.AnyValue(nil)
	}
	return l.info().LogValue()
}

func (l *Limit) info() show.Info {
	l.mu.Lock()
	defer l.mu.Unlock()
	waiting := 0
	for _, ln := range l.of {
		waiting += len(ln.entries)
	}
	state := "busy"
	switch {
	case l.closed:
		state = "closed"
	case l.open == 0:
		state = "idle"
	case l.running >= l.limit:
		state = "full"
	}
	return show.Info{Object: show.Name(l), State: state, Numbers: []slog.Attr{
		slog.Int("running", l.open-waiting), slog.Int("waiting", waiting), slog.Int("limit", l.limit),
	}}
}
