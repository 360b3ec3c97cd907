package natsmap

import (
	"context"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
)

// A reader reads the messages of a stream that match a filter, in their order. When something
// is lost, the connection, the server or its leader, it goes on where it was. An ordered
// consumer of the client would do the same, but for up to 20 seconds it could not be ended.
type reader struct {
	js     jetstream.JetStream
	stream string
	filter []string
	next   uint64 // the first message that is wanted; 0: the last of each subject, again after a loss
	ahead  int    // how many messages may be in memory

	name      string // of the consumer on the server
	delivered uint64 // by it

	mu   sync.Mutex
	open jetstream.MessagesContext // nil if there is none
}

// read returns the next message. It blocks until there is one, and fails only if ctx ends.
func (r *reader) read(ctx context.Context) (msg jetstream.Msg, meta *jetstream.MsgMetadata, err error) {
	for pause := 10 * time.Millisecond; ctx.Err() == nil; {
		from, err := r.source(ctx)
		if err != nil {
			select {
			case <-ctx.Done():
			case <-time.After(pause):
			}
			pause = min(2*pause, time.Second)
			continue
		}
		msg, err := from.Next(jetstream.NextContext(ctx))
		if err != nil {
			r.close() // a new one begins at next
			continue
		}
		meta, err := msg.Metadata()
		if err != nil || meta.Sequence.Consumer != r.delivered+1 { // some were lost on the way
			r.close()
			continue
		}
		r.delivered++
		if r.next > 0 {
			r.next = meta.Sequence.Stream + 1
		}
		return msg, meta, nil
	}
	r.close()
	return nil, nil, context.Cause(ctx)
}

// source returns what the messages come from.
func (r *reader) source(ctx context.Context) (jetstream.MessagesContext, error) {
	r.mu.Lock()
	open := r.open
	r.mu.Unlock()
	if open != nil {
		return open, nil
	}
	ctx, cancel := context.WithTimeout(ctx, publishWait)
	defer cancel()
	c := jetstream.ConsumerConfig{
		Name: nuid.Next(), AckPolicy: jetstream.AckNonePolicy, MemoryStorage: true, Replicas: 1, InactiveThreshold: 30 * time.Second,
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: r.next, FilterSubjects: r.filter,
	}
	if len(r.filter) == 1 {
		c.FilterSubject, c.FilterSubjects = r.filter[0], nil
	}
	if r.next == 0 {
		c.DeliverPolicy = jetstream.DeliverLastPerSubjectPolicy
	}
	consumer, err := r.js.CreateConsumer(ctx, r.stream, c)
	if err != nil {
		return nil, err
	}
	open, err = consumer.Messages(jetstream.PullMaxMessages(r.ahead), jetstream.PullExpiry(5*time.Second), jetstream.PullHeartbeat(time.Second))
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open, r.name, r.delivered = open, c.Name, 0
	return open, nil
}

// close ends what is open. A read after it opens it again. It may be called beside read.
func (r *reader) close() {
	r.mu.Lock()
	open, name := r.open, r.name
	r.open = nil
	r.mu.Unlock()
	if open == nil {
		return
	}
	open.Stop()
	// The server would keep it for 30 seconds. Nobody waits for the answer.
	_ = r.js.Conn().Publish("$JS.API.CONSUMER.DELETE."+r.stream+"."+name, nil)
}
