package natsmap

import (
	"context"
	"encoding/json"
	"testing"

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
