package natsmap

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

// A CallOption sets a property of one call.
type CallOption func(*call)

// WithID gives the command an ID of the caller's. A command with an ID that the key knows does
// not run again: the call gets the result of the first. A key knows the IDs of its last 16
// commands, and the log those of the last 20 seconds. Without this option a call has an ID of
// its own.
//
// WithID panics if the ID is empty or longer than 200 bytes.
func WithID(id string) CallOption {
	if id == "" || len(id) > maxKey {
		panic(fmt.Sprintf("natsmap: WithID: the ID has %d bytes; it must have 1 to %d", len(id), maxKey))
	}
	return func(c *call) { c.id = id }
}

// A call is a command on its way to the log.
type call struct {
	id, key, command string
	control          string // instead of a command
	input            []byte
	reply            string // empty if nobody waits for the result
}

func newCall[T, In, Out any](m *Map[T], ctx context.Context, key string, c *Command[T, In, Out], in In, opts []CallOption) (*call, error) {
	if c.family != m.family {
		panic(fmt.Sprintf("natsmap: the command %s is of the family %s, and the map of %s", c.name, c.family.name, m.family.name))
	}
	if err := checkKey(key); err != nil {
		return nil, err
	}
	if err := m.notInTurn(ctx, key); err != nil {
		return nil, err
	}
	data, err := m.family.config.codec.Marshal(in)
	if err != nil {
		return nil, &BadInputError{Command: c.name, Err: err}
	}
	out := &call{key: key, command: c.name, input: data}
	for _, o := range opts {
		o(out)
	}
	if out.id == "" {
		out.id = nuid.Next()
	}
	return out, nil
}

// Async hands a command over. It returns nil when the log has it, which on a server that
// writes to disk takes a millisecond or more; the command runs later, in its turn.
//
// Calls of one goroutine for a key run in the order of the calls. If Async returns an error
// that matches [desync.ErrNotRun], such as [ErrFull], the command never runs; see
// [UnknownError] for the other case.
func (m *Map[T]) Async[In, Out any](ctx context.Context, key string, c *Command[T, In, Out], in In, opts ...CallOption) error {
	call, err := newCall(m, ctx, key, c, in, opts)
	if err != nil {
		return err
	}
	return m.out.At(key).DoContext(ctx, func(ctx context.Context, _ *struct{}) error {
		_, err := m.publish(ctx, call)
		return err
	})
}

// Sync hands a command over, waits until its state is saved, and returns its result. If ctx
// ends before, the error is an [*UnknownError], or matches [desync.ErrNotRun] if nothing was
// sent.
func (m *Map[T]) Sync[In, Out any](ctx context.Context, key string, c *Command[T, In, Out], in In, opts ...CallOption) (Out, error) {
	return m.Future(ctx, key, c, in, opts...).Await(context.WithoutCancel(ctx))
}

// Future is Sync that does not wait. The calls are handed over in the order of Future and the
// other calls of a goroutine for the key. ctx bounds the wait for the result: when it ends, the
// future fails.
func (m *Map[T]) Future[In, Out any](ctx context.Context, key string, c *Command[T, In, Out], in In, opts ...CallOption) *futures.Future[Out] {
	call, err := newCall(m, ctx, key, c, in, opts)
	if err != nil {
		return futures.Rejected[Out](err)
	}
	call.reply = m.replies.prefix
	w := &waiting[T, Out]{m: m, ctx: ctx, call: call, command: c.name}
	m.replies.expect(call.id, w.settle)
	handed := m.out.At(key).FutureContext(ctx, func(ctx context.Context, _ *struct{}) (uint64, error) {
		return m.publish(ctx, call)
	})
	handed.AfterFunc(func(seq uint64, err error) {
		if err != nil {
			w.fail(err)
			return
		}
		w.follow(seq)
	})
	return w.promise.Future()
}

// waiting is a call that waits for its result.
type waiting[T, Out any] struct {
	m       *Map[T]
	ctx     context.Context
	call    *call
	command string
	promise futures.Promise[Out]
}

// follow is called when the log has the command. The result comes by itself, or, if the owner
// has ended in between, is looked up.
func (w *waiting[T, Out]) follow(seq uint64) {
	ended := context.AfterFunc(w.ctx, func() { w.fail(&UnknownError{w.call.id, context.Cause(w.ctx)}) })
	again := time.AfterFunc(lookAgain, func() { w.look(seq, lookAgain) })
	w.promise.Future().AfterFunc(func(Out, error) {
		ended()
		again.Stop()
	})
}

const (
	lookAgain     = time.Second
	lookAgainMost = 10 * time.Second
)

func (w *waiting[T, Out]) look(seq uint64, pause time.Duration) {
	if _, settled := w.promise.Future().Try(); settled {
		return
	}
	r, err := w.m.read(w.ctx, w.call.key)
	if err == nil && r.parked != nil && r.parked.Seq <= seq {
		w.settle(result{Parked: r.parked})
		return
	}
	if err == nil && r.applied >= seq {
		if res, ok := r.result(w.call.id); ok {
			w.settle(res)
		} else {
			w.fail(ErrNoResult)
		}
		return
	}
	pause = min(2*pause, lookAgainMost)
	again := time.AfterFunc(pause, func() { w.look(seq, pause) })
	w.promise.Future().AfterFunc(func(Out, error) { again.Stop() })
}

func (w *waiting[T, Out]) settle(res result) {
	var out Out
	switch {
	case res.Parked != nil:
		w.fail(&ParkedError{res.Parked.Seq, res.Parked.Cause})
	case res.Cut:
		w.fail(ErrNoResult)
	case res.Failed:
		w.fail(&RefusedError{w.command, res.Refused})
	default:
		if err := w.m.family.config.codec.Unmarshal(res.Out, &out); err != nil {
			w.fail(fmt.Errorf("natsmap: the result of the command %s cannot be decoded: %w", w.command, err))
			return
		}
		w.promise.Resolve(out)
	}
}

func (w *waiting[T, Out]) fail(err error) {
	w.m.replies.forget(w.call.id)
	w.promise.Reject(err)
}

const (
	publishWait = 2 * time.Second // until a command is sent again
	publishRest = 50 * time.Millisecond
)

// publish sends a command until the log has it, and returns its place there. It is called in
// the key's turn among the calls of this process: with two commands of a key on their way, one
// that has to be sent again would come after the other.
func (m *Map[T]) publish(ctx context.Context, c *call) (seq uint64, err error) {
	msg := &nats.Msg{Subject: m.family.commandSubject(c.key), Header: nats.Header{}, Data: c.input}
	if c.control != "" {
		msg.Subject = m.family.controlSubject(c.key)
		msg.Header.Set(headerControl, c.control)
	} else {
		msg.Header.Set(headerCommand, c.command)
	}
	if c.reply != "" {
		msg.Header.Set(headerReply, c.reply)
	}
	var sent time.Time // when the first attempt was made that may have come through
	for {
		begun := time.Now()
		attempt, cancel := context.WithTimeout(ctx, publishWait)
		ack, err := m.js.PublishMsg(attempt, msg, jetstream.WithMsgID(c.id), jetstream.WithExpectStream(m.family.logStream()))
		cancel()
		if err == nil {
			return ack.Sequence, nil
		}
		refused := refusal(err)
		if refused == nil {
			refused = denied(m.nc, msg.Subject)
		}
		switch {
		case refused != nil && sent.IsZero():
			return 0, refused
		case refused != nil, !sent.IsZero() && time.Since(sent) > duplicates-publishWait:
			// The log may have it of an attempt before, and may soon not know its ID any more.
			return 0, &UnknownError{c.id, err}
		case sent.IsZero() && !errors.Is(err, jetstream.ErrNoStreamResponse): // nobody was there
			sent = begun
		}
		select {
		case <-ctx.Done():
			return 0, unknown(ctx, c, sent)
		case <-time.After(publishRest):
		}
	}
}

// unknown returns the error of a publish whose context has ended.
func unknown(ctx context.Context, c *call, sent time.Time) error {
	if sent.IsZero() {
		return fmt.Errorf("natsmap: the log does not answer: %w: %w", context.Cause(ctx), desync.ErrNotRun)
	}
	return &UnknownError{c.id, context.Cause(ctx)}
}
