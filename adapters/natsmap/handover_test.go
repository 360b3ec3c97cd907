package natsmap

import (
	"context"
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// records is a stream that takes all records.
type records struct {
	jetstream.JetStream
	written []ownership
}

func (r *records) Publish(_ context.Context, _ string, data []byte, _ ...jetstream.PublishOpt) (*jetstream.PubAck, error) {
	var o ownership
	if err := json.Unmarshal(data, &o); err != nil {
		return nil, err
	}
	r.written = append(r.written, o)
	return &jetstream.PubAck{Sequence: uint64(len(r.written))}, nil
}

// A checkpoint that was on its way when the partition was handed over does not take it back:
// the record would name a process that lives and does not serve it, and nobody would take it.
func TestCheckpointAfterTheHandOver(t *testing.T) {
	r := &records{}
	p := &part[int]{family: New[int]("f"), js: r, record: ownership{Owner: "self", Epoch: 1}}
	for _, owner := range []string{"", "self"} {
		p.window.pass(p.window.seen() + 1)
		if err := p.checkpoint(t.Context(), owner); err != nil {
			t.Fatal(err)
		}
	}
	if last := r.written[len(r.written)-1]; last.Owner != "" {
		t.Errorf("in the end the record names %q; want nobody", last.Owner)
	}
}

// Until a new owner has found the keys that are parked, its checkpoints keep the log from being
// cut where the owner before has said: else the first could let the commands of those keys go.
func TestHoldUntilTheParkedKeysAreFound(t *testing.T) {
	r := &records{}
	m := &Map[int]{family: New[int]("f")}
	p := m.newPart(t.Context(), &server{js: r}, 0, ownership{Owner: "self", Epoch: 2, Checkpoint: 10, Hold: 5}, 1)
	defer p.end(ErrLost)
	for i, want := range []uint64{5, 7, 0} {
		switch i {
		case 1:
			p.holds.add("key", 7)
			p.holds.found()
		case 2:
			p.holds.remove("key")
		}
		p.window.pass(p.window.seen() + 1)
		if err := p.checkpoint(t.Context(), "self"); err != nil {
			t.Fatal(err)
		}
		if got := r.written[i].Hold; got != want {
			t.Errorf("the checkpoint %d holds the log at %d; want %d", i, got, want)
		}
	}
}

// silent is a server that does not answer.
type silent struct{ jetstream.JetStream }

func (silent) Publish(ctx context.Context, _ string, _ []byte, _ ...jetstream.PublishOpt) (*jetstream.PubAck, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// A server that does not answer to a process that takes partitions does not keep it from seeing
// that it was not heard for the lease.
func TestTakingDoesNotHoldUpTheLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		m := &Map[int]{family: New[int]("f", Lease(2*time.Second)), nc: &nats.Conn{}, self: "self"}
		l := &loop[int]{m: m, s: &server{js: silent{}, nc: &nats.Conn{}}, alive: map[string]sign{"self": {heard: now}}, owners: map[int]owned{}, parts: map[int]*part[int]{}}
		l.view.at = now
		l.confirmed.Store(&now)
		l.look(t.Context())
		if took := time.Since(now); took > 2*time.Second {
			t.Errorf("it has looked for %v", took)
		}
	})
}
