package pipe

import (
	"fmt"
	"log/slog"

	"github.com/go-desync/go-desync/adapters/internal/show"
)

// String describes the stage for people: its type and address; whether its results come
// in the order of the items or as they are completed; and its depth. A stage has no state
// and no items itself.
func (s *Stage[Out]) String() string { return s.info().String() }

// Format writes what String returns, whatever the verb. Without it, verbs such as %+v and
// %#v would read the fields while others change them.
func (s *Stage[Out]) Format(f fmt.State, verb rune) { show.Format(f, s) }

// LogValue is what package slog logs of the stage: a group of what String says.
func (s *Stage[Out]) LogValue() slog.Value {
	if s == nil {
		return slog.AnyValue(nil)
	}
	return s.info().LogValue()
}

func (s *Stage[Out]) info() show.Info {
	order := "in order"
	if s.byCompletion {
		order = "as completed"
	}
	return show.Info{Object: show.Name(s), State: order, Numbers: []slog.Attr{slog.Int("depth", s.depth)}}
}
