package natsmap

import (
	"context"
	"errors"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/go-desync/go-desync/desync"
)

// kept is a server that takes all messages, and has the record that it is told of each key.
type kept struct {
	jetstream.JetStream
	states  said
	sent    []*nats.Msg
	refused error // of messages with a header
}

func (k *kept) PublishMsg(_ context.Context, msg *nats.Msg, _ ...jetstream.PublishOpt) (*jetstream.PubAck, error) {
	if k.refused != nil {
		return nil, k.refused
	}
	k.sent = append(k.sent, msg)
	return &jetstream.PubAck{Sequence: uint64(len(k.sent))}, nil
}

func (k *kept) Publish(context.Context, string, []byte, ...jetstream.PublishOpt) (*jetstream.PubAck, error) {
	return &jetstream.PubAck{Sequence: 40}, nil
}

func (k *kept) Stream(context.Context, string) (jetstream.Stream, error) { return &k.states, nil }

func (s *said) Purge(_ context.Context, opts ...jetstream.StreamPurgeOpt) error {
	var r jetstream.StreamPurgeRequest
	for _, o := range opts {
		if err := o(&r); err != nil {
			return err
		}
	}
	s.purged = append(s.purged, r)
	return nil
}

// entry returns an entry of a partition whose checkpoint is 10, before it is loaded.
func (k *kept) entry(t *testing.T, h nats.Header) *entry[int] {
	k.states.state = h
	m := &Map[int]{family: New[int]("f"), js: k, latest: &k.states, nc: &nats.Conn{}}
	m.out = desync.NewMap(func(string) struct{} { return struct{}{} })
	p := m.newPart(t.Context(), &server{js: k}, 0, ownership{Checkpoint: 10}, 1)
	t.Cleanup(func() { p.end(ErrLost) })
	return &entry[int]{part: p, key: "key"}
}

// What commands send that a key has caught up on is sent by the next owner, although the
// checkpoint had passed them before they ran.
func TestSendsOfAKeyThatIsBehind(t *testing.T) {
	sends := jsonOf([]follow{{ID: "1", Key: "other", Command: "c"}})
	for behind, want := range map[string]int{"": 0, "1": 1} {
		k := &kept{}
		e := k.entry(t, nats.Header{headerApplied: {"3"}, headerFollows: {sends}, headerBehind: {behind}})
		if err := e.reload(); err != nil || len(k.sent) != want {
			t.Errorf("with behind %q it has sent %d, %v; want %d", behind, len(k.sent), err, want)
		}
	}
}

// An owner that was cut off does not run commands on a state that a newer version has saved since.
func TestStateOfANewerVersion(t *testing.T) {
	e := (&kept{}).entry(t, nats.Header{headerApplied: {"3"}, headerVersion: {"2"}})
	if err := e.reload(); !errors.Is(err, ErrLost) || !errors.Is(context.Cause(e.part.ctx), ErrLost) {
		t.Errorf("it gave %v, and the ownership has ended with %v; want ErrLost", err, context.Cause(e.part.ctx))
	}
}

// A key that an owner before has parked late keeps the log from being cut.
func TestParkedSinceTheOwnershipBegan(t *testing.T) {
	e := (&kept{}).entry(t, nats.Header{headerApplied: {"11"}, headerParked: {`{"seq":12}`}})
	if err := e.reload(); err != nil || e.part.holds.first() != 12 {
		t.Errorf("the log is held at %d, %v; want 12", e.part.holds.first(), err)
	}
}

// An owner that takes a key out of the list of parked ones, and is late, leaves what the next
// owner has put there.
func TestKeyThatIsFreedLate(t *testing.T) {
	k := &kept{}
	e := k.entry(t, nats.Header{headerApplied: {"3"}})
	if err := errors.Join(e.reload(), e.free()); err != nil {
		t.Fatal(err)
	}
	if len(k.states.purged) != 1 || k.states.purged[0].Sequence != e.rev || e.rev == 0 {
		t.Errorf("it has purged %+v; want what is before %d, which it has saved", k.states.purged, e.rev)
	}
}

// An owner that parks a key, and is refused since another has been faster, takes the name of the
// key out of the list again, unless it belongs there.
func TestParkThatIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		saved nats.Header
		want  int
	}{
		"others have gone on":         {nats.Header{headerApplied: {"20"}}, 1},
		"others have parked it":       {nats.Header{headerApplied: {"11"}, headerParked: {`{"seq":12}`}}, 0},
		"others have passed commands": {nats.Header{headerApplied: {"20"}, headerBehind: {"1"}}, 0},
		"others owe":                  {nats.Header{headerApplied: {"20"}, headerOwing: {"1"}}, 0},
	} {
		k := &kept{}
		e := k.entry(t, nats.Header{headerApplied: {"3"}})
		if err := e.reload(); err != nil {
			t.Fatal(err)
		}
		k.refused = &jetstream.APIError{ErrorCode: jetstream.JSErrCodeStreamWrongLastSequence}
		k.states.state = test.saved
		e.park(&work{seq: 12}, verdict{park: "it panics"})
		var lists []jetstream.StreamPurgeRequest
		for _, r := range k.states.purged {
			if r.Subject == e.part.family.parkedSubject("key") {
				lists = append(lists, r)
			}
		}
		if len(lists) != test.want || test.want > 0 && lists[0].Sequence != 41 {
			t.Errorf("%s: it has purged %+v; want the note with the sequence 40 and what is before it: %v", name, lists, test.want > 0)
		}
	}
}

// Who looks for the result of a Resume waits until the key has gone on as far as it can.
func TestResumeThatIsNotDone(t *testing.T) {
	for behind, done := range map[string]bool{"1": false, "": true} {
		results := jsonOf([]result{{ID: "resume"}})
		m := &Map[int]{family: New[int]("f"), state: &said{state: nats.Header{headerApplied: {"3"}, headerResults: {results}, headerBehind: {behind}}}}
		if _, found := m.outcome(t.Context(), &call{id: "resume", key: "key", control: controlResume}, 4); found != done {
			t.Errorf("with behind %q it is done: %v; want %v", behind, found, done)
		}
	}
}
