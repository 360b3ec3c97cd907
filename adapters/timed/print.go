package timed

import (
	"fmt"
	"log/slog"

	"github.com/go-desync/go-desync/adapters/internal/show"
)

// String describes the Timer for people: its type and address; and whether it is idle, set,
// or its job is in the queue of the object. Print a Timer by its pointer.
func (t *Timer) String() string { return t.info().String() }

// Format writes what String returns, whatever the verb. Without it, verbs such as %+v and
// %#v would read the fields while others change them.
func (t *Timer) Format(f fmt.State, verb rune) { show.Format(f, t) }

// LogValue is what package slog logs of the Timer: a group of what String says.
func (t *Timer) LogValue() slog.Value {
	if t == nil {
		return slog.AnyValue(nil)
	}
	return t.info().LogValue()
}

func (t *Timer) info() show.Info { return show.Info{Object: show.Name(t), State: t.clock.state()} }

// String is that of [Timer.String].
func (t *Ticker) String() string { return t.info().String() }

// Format is that of [Timer.Format].
func (t *Ticker) Format(f fmt.State, verb rune) { show.Format(f, t) }

// LogValue is that of [Timer.LogValue].
func (t *Ticker) LogValue() slog.Value {
	if t == nil {
		return slog.AnyValue(nil)
	}
	return t.info().LogValue()
}

func (t *Ticker) info() show.Info { return show.Info{Object: show.Name(t), State: t.clock.state()} }

// String is that of [Timer.String].
func (t *Trigger) String() string { return t.info().String() }

// Format is that of [Timer.Format].
func (t *Trigger) Format(f fmt.State, verb rune) { show.Format(f, t) }

// LogValue is that of [Timer.LogValue].
func (t *Trigger) LogValue() slog.Value {
	if t == nil {
		return slog.AnyValue(nil)
	}
	return t.info().LogValue()
}

func (t *Trigger) info() show.Info { return show.Info{Object: show.Name(t), State: t.clock.state()} }

func (c *clock) state() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.timer != nil:
		return "set"
	case c.shot != nil:
		return "queued"
	}
	return "idle"
}
