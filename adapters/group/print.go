package group

import (
	"fmt"
	"log/slog"

	"github.com/go-desync/go-desync/adapters/internal/show"
)

// String describes the group for people: its type and address; whether it is idle, busy
// or has ended; and how many of its jobs are pending. Until [Group.Wait] has returned,
// that includes jobs that will never run. It does not wait for jobs. Print a group by its
// pointer.
func (g *Group) String() string { return g.info().String() }

// Format writes what String returns, whatever the verb. Without it, verbs such as %+v and
// %#v would read the fields while others change them.
func (g *Group) Format(f fmt.State, verb rune) { show.Format(f, g) }

// LogValue is what package slog logs of the group: a group of what String says.
func (g *Group) LogValue() slog.Value {
	if g == nil {
		return slog.AnyValue(nil)
	}
	return g.info().LogValue()
}

func (g *Group) info() show.Info {
	g.mu.Lock()
	defer g.mu.Unlock()
	state := "idle"
	switch {
	case g.closed():
		state = "ended"
	case g.pending > 0:
		state = "busy"
	}
	return show.Info{Object: show.Name(g), State: state, Numbers: []slog.Attr{
		slog.Int("pending", g.pending), slog.Int("running", g.running),
	}}
}
