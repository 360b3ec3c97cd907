package cond

import (
	"fmt"
	"log/slog"

	"github.com/go-desync/go-desync/adapters/internal/show"
)

// String describes the Cond for people: its type and address, whether it is idle or busy, and
// how many jobs wait for a condition.
func (c *Cond[T]) String() string { return c.info().String() }

// Format writes what String returns, whatever the verb. Without it, verbs such as %+v and
// %#v would read the fields while others change them.
func (c *Cond[T]) Format(f fmt.State, verb rune) { show.Format(f, c) }

// LogValue is what package slog logs of the Cond: a group of what String says.
func (c *Cond[T]) LogValue() slog.Value {
	if c == nil {
		return slog.AnyValue(nil)
	}
	return c.info().LogValue()
}

func (c *Cond[T]) info() show.Info {
	n, state := c.waiting(), "idle"
	if n > 0 {
		state = "busy"
	}
	return show.Info{Object: show.Name(c), State: state, Numbers: []slog.Attr{slog.Int("waiting", n)}}
}
