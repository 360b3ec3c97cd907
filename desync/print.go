package desync

import (
	"fmt"
	"io"
	"log/slog"
	"reflect"
)

// String describes the object for people: its name, or its type and address if it has
// none; whether it is idle or busy; and how many jobs are pending. It neither waits for a
// turn nor reads the data.
//
// Print an object by its pointer. If an object is a value field of a struct that is
// printed, package fmt cannot call its methods and reads it by reflection, which is a
// data race with its jobs. Give such a struct a String method, or let the field be a
// pointer.
func (d *Desync[T]) String() string {
	state, n := d.core.look()
	if n == 0 {
		return d.describe() + ": " + state
	}
	return fmt.Sprintf("%s: %s, %d pending", d.describe(), state, n)
}

// Format writes what [Desync.String] returns, whatever the verb. Without it, verbs such
// as %#v and %d would read the object's data by reflection while jobs change it.
func (d *Desync[T]) Format(f fmt.State, verb rune) { format(f, d) }

// LogValue returns what package slog logs: a group with the object's name, or its type
// and address if it has none, its state and the number of pending jobs.
func (d *Desync[T]) LogValue() slog.Value {
	if d == nil {
		return slog.AnyValue(nil)
	}
	state, n := d.core.look()
	return slog.GroupValue(slog.String("object", d.describe()), slog.String("state", state), slog.Int("pending", n))
}

// look returns the state of the object, for people.
func (c *core) look() (state string, pending int) {
	if n := c.pending(); n > 0 {
		return "busy", n
	}
	return "idle", 0
}

// String describes the map for people: its name, or its type and address if it has none,
// and how many keys it has. It neither waits nor reads a value; see [Desync.String].
func (m *Map[K, T]) String() string {
	return fmt.Sprintf("%s: %d keys", m.describe(), m.count.Load()) // the zero Map prints too
}

// Format writes what [Map.String] returns, whatever the verb.
func (m *Map[K, T]) Format(f fmt.State, verb rune) { format(f, m) }

// LogValue returns what package slog logs: a group with the map's name, or its type and
// address if it has none, and the number of keys.
func (m *Map[K, T]) LogValue() slog.Value {
	if m == nil {
		return slog.AnyValue(nil)
	}
	return slog.GroupValue(slog.String("map", m.describe()), slog.Int64("keys", m.count.Load()))
}

// String describes the object of the key, as [Desync.String] does, whether or not the map
// has it. It is no use of the key.
func (k Key[K, T]) String() string { return k.look().String() }

// Format writes what [Key.String] returns, whatever the verb.
func (k Key[K, T]) Format(f fmt.State, verb rune) { io.WriteString(f, k.String()) }

// LogValue is [Desync.LogValue].
func (k Key[K, T]) LogValue() slog.Value { return k.look().LogValue() }

// look returns the object of the key, or one that is like it if the map has none.
func (k Key[K, T]) look() *Desync[slot[K, T]] {
	if k.m != nil {
		if e := k.m.find(k.key); e != nil {
			return e.object()
		}
	}
	return k.m.newEntry(k.key).object()
}

// format writes s.String(), or what package fmt writes of a nil pointer.
func format(f fmt.State, s fmt.Stringer) {
	text := "<nil>"
	if !reflect.ValueOf(s).IsNil() {
		text = s.String()
	}
	io.WriteString(f, text)
}
