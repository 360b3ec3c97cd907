package natsmap

import (
	"context"
	"fmt"
	"iter"
	"strconv"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
)

// Resume lets a parked key go on: it runs the command at which it stands again, and then those
// that have waited. It returns when that is done, or when the key is parked again; see
// [Map.Parked]. If the key is not parked, nothing happens. It needs a process that serves.
func (m *Map[T]) Resume(ctx context.Context, key string) error {
	return m.control(ctx, key, controlResume)
}

// Skip gives up the command at which a key is parked, and lets the key go on as [Map.Resume]
// does. The command goes to the dead letters: a message of the stream of the states, whose
// subject is the family's name, d, the partition, the key and seq. If that command was skipped
// before, nothing happens. The error is a [*RefusedError] if the key is not parked at the command
// seq.
func (m *Map[T]) Skip(ctx context.Context, key string, seq uint64) error {
	return m.control(ctx, key, controlSkip+" "+strconv.FormatUint(seq, 10))
}

// Delete removes the state of a key, its results, its dead letters and its commands up to this
// call, in its turn, also if the key is parked. It returns when nothing of them can be read any
// more. Later commands find the zero value. It needs a process that serves.
//
// For six times the time of the lease an empty record stays, which has the name of the key in
// its subject and nothing of its state: it refuses what an owner that was cut off saves late.
func (m *Map[T]) Delete(ctx context.Context, key string) error {
	return m.control(ctx, key, controlDelete)
}

// control writes a control to the log and waits until it is carried out.
func (m *Map[T]) control(ctx context.Context, key, what string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	if err := m.notInTurn(ctx, key); err != nil {
		return err
	}
	c := &call{id: nuid.Next(), key: key, control: what, reply: m.replies.prefix}
	done := make(chan result, 1)
	m.replies.expect(c.id, func(r result) { done <- r })
	defer m.replies.forget(c.id)
	var seq uint64
	if err := m.out.At(key).DoContext(ctx, func(ctx context.Context, _ *struct{}) (err error) {
		seq, err = m.publish(ctx, c)
		return err
	}); err != nil {
		return err
	}
	for {
		select {
		case r := <-done:
			if r.Failed {
				return &RefusedError{what, r.Refused}
			}
			return nil
		case <-time.After(lookAgain): // the answer may be lost
			if r, ok := m.outcome(ctx, c, seq); ok {
				m.replies.settle(r)
			}
		case <-ctx.Done():
			return &UnknownError{c.id, context.Cause(ctx)}
		}
	}
}

// outcome looks for the result of a control in the record of its key.
func (m *Map[T]) outcome(ctx context.Context, c *call, seq uint64) (res result, found bool) {
	r, err := m.read(ctx, c.key)
	if err != nil {
		return res, false
	}
	if c.control == controlDelete { // its empty record is of the moment before it
		return result{ID: c.id}, r.applied >= seq || r.deleted && r.applied == seq-1
	}
	if r.behind { // the record has the result from the beginning, and this is not the end
		return res, false
	}
	return r.result(c.id)
}

// Parked returns the keys that are parked, in no order, with nil; or, at the end, an error. It
// needs no process that serves.
func (m *Map[T]) Parked(ctx context.Context) iter.Seq2[Parked, error] {
	return func(yield func(Parked, error) bool) {
		for subject, err := range m.subjects(ctx, m.family.subject("k", ">")) {
			if err != nil {
				yield(Parked{}, err)
				return
			}
			key, ok := keyOfSubject(subject)
			if !ok {
				continue
			}
			r, err := m.read(ctx, key)
			if err != nil {
				yield(Parked{}, fmt.Errorf("natsmap: parked: %w", err))
				return
			}
			if r.parked != nil && !yield(*r.parked, nil) {
				return
			}
		}
	}
}

// Keys returns the keys that have a state, in no order, with nil; or, at the end, an error. It
// takes memory for all of them. It needs no process that serves.
func (m *Map[T]) Keys(ctx context.Context) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		deleted := map[string]bool{} // before the states: a key is in this list for longer
		for subject, err := range m.subjects(ctx, m.family.subject("g", ">")) {
			if err != nil {
				yield("", err)
				return
			}
			key, _ := keyOfSubject(subject)
			deleted[key] = true
		}
		for subject, err := range m.subjects(ctx, m.family.subject("s", ">")) {
			key, ok := keyOfSubject(subject)
			if err == nil && ok && deleted[key] {
				ok, err = m.has(ctx, key)
			}
			if err != nil {
				yield("", err)
				return
			}
			if ok && !yield(key, nil) {
				return
			}
		}
	}
}

// has reports whether there is a record of a key that is not one of a deleted one.
func (m *Map[T]) has(ctx context.Context, key string) (bool, error) {
	r, err := m.readPatiently(ctx, key)
	if err != nil {
		return false, fmt.Errorf("natsmap: list: %w", err)
	}
	return r.rev > 0 && !r.deleted, nil
}

// subjects returns the subjects of the state stream that match a filter.
func (m *Map[T]) subjects(ctx context.Context, filter string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		info, err := m.state.Info(ctx, jetstream.WithSubjectFilter(filter))
		if err != nil {
			yield("", fmt.Errorf("natsmap: list: %w", err))
			return
		}
		for subject := range info.State.Subjects {
			if !yield(subject, nil) {
				return
			}
		}
	}
}

// Version sets the version of the states that this program writes: 1 without it. Processes of
// different versions may serve at once, as in a rolling deployment: once a process has served a
// partition, those of older versions do not take it any more. upgrade turns the encoded state of
// an older version into one of this version; it is called when a key is loaded.
//
// Version panics if n is less than 2 or upgrade is nil.
func Version(n int, upgrade func(from int, state []byte) ([]byte, error)) Option {
	if n < 2 {
		panic(fmt.Sprintf("natsmap: Version(%d): the first version is 1, so an upgrade leads to 2 or more", n))
	}
	if upgrade == nil {
		panic(fmt.Sprintf("natsmap: Version(%d): the function that upgrades is nil", n))
	}
	return func(c *config) { c.version, c.upgrade = n, upgrade }
}
