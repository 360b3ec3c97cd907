package embedded_test

import (
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// What an owner that was cut off saves of a key first is refused although the key was deleted
// since. What refuses it is gone in the end, also if the owner has changed in between.
func TestLateSaveOfADeletedKey(t *testing.T) {
	f := newFickle("late")
	m, js := f.open(t)
	ctx := within(t)
	stop := serveNotes(t, m)
	defer func() { stop() }()
	subjects := func(filter string) (found []string) {
		s, err := js.Stream(ctx, "late-state")
		if err != nil {
			t.Fatal(err)
		}
		info, err := s.Info(ctx, jetstream.WithSubjectFilter(filter))
		if err != nil {
			t.Fatal(err)
		}
		for subject := range info.State.Subjects {
			found = append(found, subject)
		}
		return found
	}
	if _, err := m.Sync(ctx, "ann", f.note, "one"); err != nil {
		t.Fatal(err)
	}
	state := subjects("late.s.>")
	if len(state) != 1 {
		t.Fatalf("the states are %v; want one", state)
	}
	if err := m.Delete(ctx, "ann"); err != nil {
		t.Fatal(err)
	}
	late := &nats.Msg{Subject: state[0], Data: []byte(`{"All":["one"]}`), Header: nats.Header{"Desync-Applied": {"1"}}}
	if _, err := js.PublishMsg(ctx, late, jetstream.WithExpectLastSequencePerSubject(0)); err == nil {
		t.Error("a save that came late was let in")
	}
	if _, info, err := m.Get(ctx, "ann"); err != nil || info.Exists || info.Seq != 0 {
		t.Errorf("after Delete there is %+v, %v", info, err)
	}
	for key, err := range m.Keys(ctx) {
		t.Errorf("after Delete there is the key %q, %v", key, err)
	}
	stop()
	stop = serveNotes(t, m)
	if _, err := m.Sync(ctx, "bob", f.note, "one"); err != nil {
		t.Fatal(err)
	}
	for left := []string{""}; len(left) > 0; {
		left = slices.Concat(subjects("late.s.*.ann"), subjects("late.g.>"))
		select {
		case <-ctx.Done():
			t.Fatalf("%v are still there", left)
		case <-time.After(100 * time.Millisecond):
		}
	}
	if n, err := m.Sync(ctx, "ann", f.note, "new"); err != nil || n != 1 {
		t.Errorf("the first command after Delete gave %d, %v; want 1", n, err)
	}
}
