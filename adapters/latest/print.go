package latest

import (
	"fmt"
	"log/slog"

	"github.com/go-desync/go-desync/adapters/internal/show"
)

// String describes the value for people: its type and address, whether it is idle or busy, and
// how many values wait for their turn: none or one.
func (l *Value[V]) String() string { return l.info().String() }

// Format writes what String returns, whatever the verb. Without it, verbs such as %+v and
// %#v would read the fields while others change them.
func (l *Value[V]) Format(f fmt.State, verb rune) { show.Format(f, l) }

// LogValue is what package slog logs: a group of what String says.
func (l *Value[V]) LogValue() slog.Value {
	if l == nil {
		return slog.AnyValue(nil)
	}
	return l.info().LogValue()
}

func (l *Value[V]) info() show.Info {
	i := l.values.info()
	i.Object = show.Name(l)
	return i
}

// String describes the values for people: their type and address, whether they are idle or
// busy, and how many keys have a value that waits for its turn.
func (l *Values[K, V]) String() string { return l.info().String() }

// Format writes what String returns, whatever the verb.
func (l *Values[K, V]) Format(f fmt.State, verb rune) { show.Format(f, l) }

// LogValue is what package slog logs: a group of what String says.
func (l *Values[K, V]) LogValue() slog.Value {
	if l == nil {
		return slog.AnyValue(nil)
	}
	return l.info().LogValue()
}

func (l *Values[K, V]) info() show.Info {
	l.mu.Lock()
	defer l.mu.Unlock()
	n, state := len(l.waiting), "idle"
	if n > 0 {
		state = "busy"
	}
	return show.Info{Object: show.Name(l), State: state, Numbers: []slog.Attr{slog.Int("waiting", n)}}
}
