package natsmap

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// said is a stream whose last messages are as they are told.
type said struct {
	jetstream.Stream
	owner  ownership
	state  nats.Header
	purged []jetstream.StreamPurgeRequest
}

func (s *said) GetLastMsgForSubject(_ context.Context, subject string) (*jetstream.RawStreamMsg, error) {
	if strings.Contains(subject, ".o.") {
		data, err := json.Marshal(s.owner)
		return &jetstream.RawStreamMsg{Data: data, Sequence: 7}, err
	}
	return &jetstream.RawStreamMsg{Header: s.state, Sequence: 7}, nil
}

// A log that was cut after a record was heard is not taken for one that somebody has cut: the
// record has gone on as well, and this process has not heard it yet.
func TestCutSinceTheRecordWasHeard(t *testing.T) {
	for _, test := range []struct {
		checkpoint, removed uint64
		changed             bool
	}{
		{checkpoint: 60},
		{checkpoint: 49},
		{checkpoint: 10, removed: 49},
		{checkpoint: 10, removed: 40, changed: true},
	} {
		l := &loop[int]{m: &Map[int]{family: New[int]("f"), latest: &said{owner: ownership{Checkpoint: test.checkpoint, Removed: test.removed}}}}
		_, err := l.judge(t.Context(), owned{ownership: ownership{Checkpoint: 10}}, logState{first: 50, end: 100}, 0)
		if _, changed := errors.AsType[*LogChangedError](err); changed != test.changed {
			t.Errorf("with the checkpoint %d now, and %d removed, it gave %v", test.checkpoint, test.removed, err)
		}
	}
}

// An owner does not take an old record, which a server that is behind may have, for that of its
// key: it would pass over the commands of a key that is not parked any more.
func TestOwnerReadsTheLatest(t *testing.T) {
	m := &Map[int]{
		family: New[int]("f"),
		state:  &said{state: nats.Header{headerApplied: {"3"}, headerParked: {`{"seq":4}`}}},
		latest: &said{state: nats.Header{headerApplied: {"9"}}},
	}
	e := &entry[int]{part: &part[int]{m: m, family: m.family}, key: "key"}
	if err := e.reread(t.Context()); err != nil || e.applied != 9 || e.parked != nil {
		t.Errorf("the owner has the record of %d, parked %v, %v; want that of 9", e.applied, e.parked, err)
	}
}
