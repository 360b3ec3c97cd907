package embedded_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/go-desync/go-desync/adapters/natsmap"
	"github.com/go-desync/go-desync/adapters/natsmap/embedded"
)

type notes struct{ All []string }

// fickle is a family whose command fails as its input says, while broken is set.
type fickle struct {
	named  string
	family *natsmap.Family[notes]
	note   *natsmap.Command[notes, string, int]
	broken chan struct{} // closed when it is mended
}

func newFickle(name string, opts ...natsmap.Option) *fickle {
	f := &fickle{named: name, family: natsmap.New[notes](name, append(opts, natsmap.Partitions(2), natsmap.Attempts(2), natsmap.Lease(time.Second))...), broken: make(chan struct{})}
	f.note = f.family.Command("note", func(_ *natsmap.Turn, n *notes, text string) (int, error) {
		n.All = append(n.All, text)
		select {
		case <-f.broken:
		default:
			if strings.HasPrefix(text, "panic") {
				panic("of " + text)
			}
			if strings.HasPrefix(text, "retry") {
				return 0, natsmap.Retry(errors.New("not now"), time.Millisecond)
			}
		}
		return len(n.All), nil
	})
	return f
}

func (f *fickle) open(t *testing.T) (*natsmap.Map[notes], jetstream.JetStream) {
	t.Helper()
	nc := embedded.Test(t)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	m, err := f.family.Open(t.Context(), nc)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	return m, js
}

func serveNotes(t *testing.T, m *natsmap.Map[notes]) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- m.Serve(ctx) }()
	return func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func parked(t *testing.T, m *natsmap.Map[notes]) (all []natsmap.Parked) {
	t.Helper()
	for p, err := range m.Parked(within(t)) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

// A key that cannot go on stands still, alone, through a new owner, until it is resumed.
func TestParkAndResume(t *testing.T) {
	f := newFickle("resume")
	m, _ := f.open(t)
	ctx := within(t)
	stop := serveNotes(t, m)
	if n, err := m.Sync(ctx, "ann", f.note, "one"); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	var stands *natsmap.ParkedError
	if _, err := m.Sync(ctx, "ann", f.note, "retry"); !errors.As(err, &stands) || stands.Cause != "not now" || stands.Seq != 2 {
		t.Fatalf("it gave %v; want a ParkedError at 2", err)
	}
	if _, err := m.Sync(ctx, "ann", f.note, "two"); !errors.As(err, &stands) || stands.Seq != 2 {
		t.Fatalf("behind it: %v; want a ParkedError at 2", err)
	}
	if n, err := m.Sync(ctx, "bob", f.note, "one"); err != nil || n != 1 {
		t.Errorf("another key: %d, %v; want 1", n, err)
	}
	stop()
	stop = serveNotes(t, m)
	defer func() { stop() }()
	if _, err := m.Sync(ctx, "ann", f.note, "three"); !errors.As(err, &stands) || stands.Seq != 2 {
		t.Fatalf("after a new owner: %v; want a ParkedError at 2", err)
	}
	if all := parked(t, m); len(all) != 1 || all[0].Key != "ann" || all[0].Seq != 2 || all[0].Attempts != 2 || all[0].Command != "note" {
		t.Errorf("parked are %+v; want ann at 2 after 2 attempts", all)
	}
	if err := m.Resume(ctx, "bob"); err != nil {
		t.Errorf("Resume of bob, which is not parked, gave %v", err)
	}
	if err := m.Resume(ctx, "ann"); err != nil {
		t.Fatal(err)
	}
	if all := parked(t, m); len(all) != 1 || all[0].Seq != 2 {
		t.Errorf("parked again are %+v; want ann at 2", all)
	}
	close(f.broken)
	if err := m.Resume(ctx, "ann"); err != nil {
		t.Fatal(err)
	}
	if all := parked(t, m); len(all) != 0 {
		t.Errorf("in the end %+v are parked", all)
	}
	if n, err := m.Sync(ctx, "ann", f.note, "four"); err != nil || n != 5 {
		t.Errorf("the last gave %d, %v; want 5", n, err)
	}
	if n, _, err := m.Get(ctx, "ann"); err != nil || !slices.Equal(n.All, []string{"one", "retry", "two", "three", "four"}) {
		t.Errorf("ann has %v, %v", n.All, err)
	}
}

// Skip gives up one command, which is kept, and Delete removes all of a key.
func TestSkipAndDelete(t *testing.T) {
	f := newFickle("skip")
	m, js := f.open(t)
	ctx := within(t)
	defer serveNotes(t, m)()
	const marker = "panic with a marker"
	for _, text := range []string{"one", marker, "two"} {
		if err := m.Async(ctx, "ann", f.note, text); err != nil {
			t.Fatal(err)
		}
	}
	var stands *natsmap.ParkedError
	if _, err := m.Sync(ctx, "ann", f.note, "three"); !errors.As(err, &stands) || !strings.Contains(stands.Cause, "panicked") {
		t.Fatalf("behind a panic: %v", err)
	}
	if err := m.Skip(ctx, "ann", stands.Seq+1); err == nil || !strings.Contains(err.Error(), "is parked at the command 2") {
		t.Errorf("Skip of another command gave %v", err)
	}
	if err := m.Skip(ctx, "ann", stands.Seq); err != nil {
		t.Fatal(err)
	}
	if n, _, err := m.Get(ctx, "ann"); err != nil || !slices.Equal(n.All, []string{"one", "two", "three"}) {
		t.Errorf("ann has %v, %v", n.All, err)
	}
	if dead := find(t, js, marker); len(dead) != 2 || !slices.ContainsFunc(dead, func(s string) bool { return strings.HasPrefix(s, "skip.d.") }) {
		t.Errorf("the marker is at %v; want it in the log and in the dead letters", dead)
	}
	if err := m.Async(ctx, "ann", f.note, marker); err != nil {
		t.Fatal(err)
	}
	if err := m.Delete(ctx, "ann"); err != nil {
		t.Fatal(err)
	}
	if left := find(t, js, marker); len(left) != 0 {
		t.Errorf("the marker is still at %v", left)
	}
	if all := parked(t, m); len(all) != 0 {
		t.Errorf("after Delete %+v are parked", all)
	}
	if _, info, err := m.Get(ctx, "ann"); err != nil || info.Exists {
		t.Errorf("after Delete there is %+v, %v", info, err)
	}
	if n, err := m.Sync(ctx, "ann", f.note, "new"); err != nil || n != 1 {
		t.Errorf("the first command after Delete gave %d, %v; want 1", n, err)
	}
	var keys []string
	for k, err := range m.Keys(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, k)
	}
	if !slices.Equal(keys, []string{"ann"}) {
		t.Errorf("the keys are %v; want ann", keys)
	}
}

// find returns the subjects of the messages that contain text, in their body or headers.
func find(t *testing.T, js jetstream.JetStream, text string) (subjects []string) {
	t.Helper()
	ctx := within(t)
	streams := js.ListStreams(ctx)
	for info := range streams.Info() {
		s, err := js.Stream(ctx, info.Config.Name)
		if err != nil {
			t.Fatal(err)
		}
		for seq := info.State.FirstSeq; seq <= info.State.LastSeq; seq++ {
			msg, err := s.GetMsg(ctx, seq)
			if err != nil {
				continue
			}
			if strings.Contains(string(msg.Data), text) || strings.Contains(fmt.Sprint(msg.Header), text) {
				subjects = append(subjects, msg.Subject)
			}
		}
	}
	if err := streams.Err(); err != nil {
		t.Fatal(err)
	}
	return subjects
}

// A process of an older version does not serve what a newer one has served; a newer one lifts
// the states, and runs commands that the older one did not know.
func TestVersions(t *testing.T) {
	type before struct{ Text string }
	type after struct{ Texts []string }
	old := natsmap.New[before]("versions", natsmap.Partitions(2), natsmap.Lease(time.Second))
	set := old.Command("set", func(_ *natsmap.Turn, s *before, text string) (string, error) {
		s.Text = text
		return text, nil
	})
	newer := natsmap.New[after]("versions", natsmap.Partitions(2), natsmap.Lease(time.Second), natsmap.Version(2, func(from int, state []byte) ([]byte, error) {
		var b before
		if err := json.Unmarshal(state, &b); err != nil {
			return nil, err
		}
		return json.Marshal(after{[]string{b.Text}})
	}))
	newer.Command("set", func(_ *natsmap.Turn, s *after, text string) (string, error) {
		s.Texts = []string{text}
		return text, nil
	})
	add := newer.Command("add", func(_ *natsmap.Turn, s *after, text string) (int, error) {
		s.Texts = append(s.Texts, text)
		return len(s.Texts), nil
	})
	nc := embedded.Test(t)
	ctx := within(t)
	m1, err := old.Open(ctx, nc)
	if err != nil {
		t.Fatal(err)
	}
	defer m1.Close()
	m2, err := newer.Open(ctx, nc)
	if err != nil {
		t.Fatal(err)
	}
	defer m2.Close()
	first, stopFirst := context.WithCancel(ctx)
	ended := make(chan error, 2)
	go func() { ended <- m1.Serve(first) }()
	if _, err := m1.Sync(ctx, "ann", set, "one"); err != nil {
		t.Fatal(err)
	}
	var stands *natsmap.ParkedError
	if _, err := m2.Sync(ctx, "ann", add, "two"); !errors.As(err, &stands) {
		t.Fatalf("an unknown command gave %v; want a ParkedError", err)
	}
	second, stopSecond := context.WithCancel(ctx)
	go func() { ended <- m2.Serve(second) }()
	stopFirst()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	for {
		if n, err := m2.Sync(ctx, "ann", add, "three"); err == nil {
			if n != 3 {
				t.Errorf("ann has %d texts; want 3", n)
			}
			break
		} else if !errors.As(err, &stands) {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond)
	}
	s, info, err := m2.Get(ctx, "ann")
	if err != nil || s.Texts[0] != "one" || s.Texts[1] != "two" || info.Version != 2 {
		t.Errorf("ann has %v in version %d, %v; want one, two, …", s.Texts, info.Version, err)
	}
	stopSecond()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	third, stopThird := context.WithTimeout(ctx, 3*time.Second)
	defer stopThird()
	if err := m1.Serve(third); err != nil {
		t.Error(err)
	}
	if s := m1.Stats(); s.Commands != 1 {
		t.Errorf("the old process has saved %d commands; want 1", s.Commands)
	}
}
