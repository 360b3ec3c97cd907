package natsmap

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"github.com/go-desync/go-desync/desync"
)

// A Map is a family on a server, as one process sees it: it hands commands over, and serves
// them in [Map.Serve] if the program wants to. Make it with [Family.Open]. A program needs one
// for a family. It may be used by many goroutines at once.
type Map[T any] struct {
	family *Family[T]
	nc     *nats.Conn
	js     jetstream.JetStream
	state  jetstream.Stream
	latest jetstream.Stream // state, asked of its leader: what is read is never old; see inspect
	self   string           // of this process, among those that serve

	out     *desync.Map[string, struct{}] // a key's commands go out one at a time
	replies replies
	serving serving
}

// duplicates is for how long the log knows the IDs of commands: those of a server in trouble
// are sent again within that. It is not longer because an ID costs the server 170 bytes.
const duplicates = 20 * time.Second

// Open returns the family as it is on the server, and makes it there if nobody has. It blocks
// until the server has answered or ctx ends. Afterwards no command can be added to f.
//
// The Map uses nc, which belongs to the caller and must stay open. It makes a connection of
// its own, with the options of nc, in [Map.Serve].
//
// If the family is on the server with another number of partitions or another codec, or the
// server is too old or has no JetStream, the error says so.
func (f *Family[T]) Open(ctx context.Context, nc *nats.Conn) (*Map[T], error) {
	f.mu.Lock()
	f.opened = true
	f.mu.Unlock()
	m := &Map[T]{family: f, nc: nc, self: nuid.Next()}
	m.out = desync.NewMap(func(string) struct{} { return struct{}{} }, desync.WithName(f.name+" (calls)"))
	m.out.EvictIdle(time.Minute)
	if err := usable(nc); err != nil {
		return nil, fmt.Errorf("natsmap: open %s: %w", f.name, err)
	}
	var err error
	if m.js, err = jetstream.New(nc); err != nil {
		return nil, fmt.Errorf("natsmap: open %s: %w", f.name, err)
	}
	c := f.config
	if _, err = f.stream(ctx, m.js, jetstream.StreamConfig{
		Name: f.logStream(), Subjects: []string{f.subject("c", ">"), f.subject("x", ">")},
		Discard: jetstream.DiscardNew, MaxBytes: c.maxLog, Duplicates: duplicates,
	}); err != nil {
		return nil, err
	}
	if m.state, err = f.stream(ctx, m.js, jetstream.StreamConfig{
		Name: f.stateStream(), Subjects: []string{f.subject("s", ">"), f.subject("o", ">"), f.subject("h", ">"), f.subject("k", ">"), f.subject("g", ">"), f.subject("d", ">")},
		MaxMsgsPerSubject: 1, Discard: jetstream.DiscardOld, AllowDirect: true, Duplicates: time.Second,
	}); err != nil {
		return nil, err
	}
	if err := m.replies.open(nc); err != nil {
		return nil, fmt.Errorf("natsmap: open %s: %w", f.name, err)
	}
	return m, nil
}

// Close ends what Open has begun on the connection; the connection stays open. Calls that wait
// for a result get it no more.
func (m *Map[T]) Close() { m.replies.close() }

const (
	metaPartitions = "desync-partitions"
	metaCodec      = "desync-codec"
)

// stream makes a stream, or checks the one that is there.
func (f *Family[T]) stream(ctx context.Context, js jetstream.JetStream, c jetstream.StreamConfig) (jetstream.Stream, error) {
	c.Storage, c.Replicas = jetstream.FileStorage, f.config.replicas
	c.Metadata = map[string]string{metaPartitions: strconv.Itoa(f.config.partitions), metaCodec: f.config.codec.Name()}
	s, err := js.Stream(ctx, c.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		s, err = js.CreateStream(ctx, c)
		if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) { // another process was faster
			s, err = js.Stream(ctx, c.Name)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("natsmap: open %s: %w", f.name, f.explain(js.Conn(), err))
	}
	has := s.CachedInfo().Config.Metadata
	for _, k := range []string{metaPartitions, metaCodec} {
		if has[k] != c.Metadata[k] {
			return nil, fmt.Errorf("natsmap: open %s: the stream %s was made with %s=%s, and this program has %s", f.name, c.Name, k, cmp.Or(has[k], "nothing"), c.Metadata[k])
		}
	}
	for _, subject := range c.Subjects {
		if !slices.Contains(s.CachedInfo().Config.Subjects, subject) {
			return nil, fmt.Errorf("natsmap: open %s: the stream %s does not take %s, which this program needs; somebody has changed it: "+
				"add the subject, as with the command nats stream edit", f.name, c.Name, subject)
		}
	}
	return s, nil
}

// read returns the record of a key. It is empty if the key has none. It asks once: the server
// that was asked may end before it has answered. It may be an old one, if a server of a cluster
// answers that is behind.
func (m *Map[T]) read(ctx context.Context, key string) (record, error) {
	return m.readFrom(ctx, m.state, key)
}

// readLatest is read that does not return an old record. Owners must use it: of a key whose
// record says that it is parked, commands are passed over.
func (m *Map[T]) readLatest(ctx context.Context, key string) (record, error) {
	return m.readFrom(ctx, m.latest, key)
}

func (m *Map[T]) readFrom(ctx context.Context, states jetstream.Stream, key string) (record, error) {
	ctx, cancel := context.WithTimeout(ctx, publishWait)
	defer cancel()
	msg, err := states.GetLastMsgForSubject(ctx, m.family.stateSubject(key))
	switch {
	case errors.Is(err, jetstream.ErrMsgNotFound):
		return record{}, nil
	case err != nil:
		return record{}, err
	}
	r, err := readRecord(msg.Sequence, msg.Header, msg.Data)
	r.saved = msg.Time
	return r, err
}

// readPatiently is read that asks again while no server answers.
func (m *Map[T]) readPatiently(ctx context.Context, key string) (record, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, getWait, errNoAnswer)
	defer cancel()
	for {
		r, err := m.read(ctx, key)
		if err == nil || ctx.Err() == nil && !unanswered(err) {
			return r, err
		}
		if refused := denied(m.nc, directGet(m.family.stateStream(), m.family.stateSubject(key))); refused != nil {
			return r, refused
		}
		select {
		case <-ctx.Done():
			return r, context.Cause(ctx)
		case <-time.After(publishRest):
		}
	}
}

// unanswered reports whether no server has answered a request.
func unanswered(err error) bool {
	for _, no := range []error{context.DeadlineExceeded, nats.ErrTimeout, nats.ErrNoResponders, nats.ErrDisconnected, nats.ErrConnectionReconnecting} {
		if errors.Is(err, no) {
			return true
		}
	}
	return false
}

// getWait is how long Get asks.
const getWait = 30 * time.Second

var errNoAnswer = fmt.Errorf("no server has answered for %v", getWait)

// directGet is the subject of the request for the last message of a subject.
func directGet(stream, subject string) string { return "$JS.API.DIRECT.GET." + stream + "." + subject }

// Info says how old a state is.
type Info struct {
	Seq     uint64    // of the last command that the state has; 0 if there is no state
	Saved   time.Time // by the server's clock
	Exists  bool      // there is a state; without one, a key may be parked
	Version int       // of the state
	Parked  *Parked   // nil if the key is not parked
}

// Get returns the state of a key as it was last saved, and the zero value if there is none. It
// stands outside of the order: commands that were handed over before may still wait. It needs
// no process that serves. A server of a cluster that answers may be a little behind the
// others.
//
// Get blocks until a server has answered, ctx ends, or 30 seconds have passed: one that is
// killed does not answer, and Get asks again.
func (m *Map[T]) Get(ctx context.Context, key string) (state T, info Info, err error) {
	if err := checkKey(key); err != nil {
		return state, info, err
	}
	r, err := m.readPatiently(ctx, key)
	if err != nil {
		return state, info, fmt.Errorf("natsmap: get: %w", err)
	}
	if r.deleted {
		return state, info, nil
	}
	info = Info{Seq: r.applied, Saved: r.saved, Exists: r.state != nil, Version: r.version, Parked: r.parked}
	if r.state == nil {
		return state, info, nil
	}
	if err := m.family.config.codec.Unmarshal(r.state, &state); err != nil {
		return state, info, fmt.Errorf("natsmap: the state cannot be decoded: %w", err)
	}
	return state, info, nil
}
