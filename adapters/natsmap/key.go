package natsmap

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/go-desync/go-desync/desync"
)

// work is a command of the log on its way through its owner.
type work struct {
	seq         uint64
	id, command string
	reply       string
	input       []byte
	attempts    int
	res         result
	follows     []follow
	window      *window // that it is open in
	room        chan struct{}
	left        bool
}

// leave makes room for another command. If done is true, the checkpoint may pass it.
func (w *work) leave(done bool) {
	if w.left {
		return
	}
	w.left = true
	if done {
		w.window.close(w.seq)
	}
	<-w.room
}

// An entry is the object of a key at its owner: the state as it is after the last command, and
// as it was saved.
//
// Invariant: value is what run made of the saved state with the commands of unsaved, in their
// order; and record is what is to be saved. Both are owned by the job of the key.
type entry[T any] struct {
	part    *part[T]
	key     string
	record  // rev is that of the saved one
	value   *T
	unsaved []*work
}

// load returns the entry of a key, after the commands that it had still to send are in the
// log. It fails only if the ownership ends.
func (p *part[T]) load(key string) (*entry[T], error) {
	e := &entry[T]{part: p, key: key}
	if err := e.reload(); err != nil {
		return nil, err
	}
	return e, e.send(e.follows)
}

// reload makes the entry what is saved.
func (e *entry[T]) reload() error {
	return e.part.persist(func(ctx context.Context) error {
		r, err := e.part.read(ctx, e.key)
		if err != nil {
			return err
		}
		e.record = r
		return e.decode()
	})
}

// decode makes value from the encoded state.
func (e *entry[T]) decode() error {
	e.value = new(T)
	if e.state == nil {
		return nil
	}
	if err := e.part.family.config.codec.Unmarshal(e.state, e.value); err != nil {
		return fmt.Errorf("natsmap: the state of a key cannot be decoded: %w", err)
	}
	return nil
}

// step is the job of one command. more says whether another command of the key waits, which
// will save what this one has changed.
func (e *entry[T]) step(w *work, more func() bool) {
	defer func() { // also after a Goexit of the command
		if len(e.unsaved) > 0 && (len(e.unsaved) >= mostUnsaved || !more()) {
			e.save()
		}
	}()
	if w.seq <= e.applied {
		e.answerFrom(w)
		w.leave(true)
		return
	}
	e.run(w)
}

// mostUnsaved bounds how many commands are folded into one save, and so how long the first
// waits for its result.
const mostUnsaved = 256

// run applies a command to the value, and adds it to what is to be saved.
func (e *entry[T]) run(w *work) {
	res, known := e.result(w.id)
	w.res, w.follows = res, nil
	if known { // handed over twice
		e.ran(w)
		return
	}
	w.attempts++
	w.res = result{ID: w.id, Failed: true, Refused: "the command has called runtime.Goexit"}
	defer func() { // also after a Goexit
		if w.res.Failed {
			if err := e.decode(); err != nil { // the value as it was
				panic(err) // it has been decoded before
			}
		}
		e.keep(w.res)
		e.ran(w)
	}()
	if w.attempts == 1 {
		e.call(w)
		return
	}
	// The job must go on after a Goexit: it is about to save.
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		e.call(w)
	}()
	<-ended
}

// call calls the command's function.
func (e *entry[T]) call(w *work) {
	p := e.part
	h := p.family.commands[w.command]
	if h == nil {
		w.res.Refused = fmt.Sprintf("natsmap: the process that serves the key has no command %q", w.command)
		return
	}
	t := &Turn{
		Family: p.family.name, Key: e.key, Seq: w.seq, Attempt: w.attempts,
		ctx: context.WithValue(p.ctx, turnOf{p.family.name}, true), codec: p.family.config.codec,
	}
	out, follows, err := guard(h, t, e.value, w.input)
	if err != nil {
		w.res.Refused = err.Error()
		return
	}
	state, err := p.family.config.codec.Marshal(e.value)
	if err != nil {
		w.res.Refused = fmt.Sprintf("natsmap: the state cannot be encoded: %v", err)
		return
	}
	e.state, w.follows, w.res = state, follows, result{ID: w.id, Out: out}
}

// ran notes that a command is applied.
func (e *entry[T]) ran(w *work) {
	e.applied = w.seq
	e.follows = append(e.follows, w.follows...)
	e.unsaved = append(e.unsaved, w)
}

// save saves what is not saved, whatever it takes, until the ownership ends. If another has
// saved the key in between, or it is not known what a save has done, the commands that the
// saved state does not have run again.
func (e *entry[T]) save() {
	p := e.part
	for p.ctx.Err() == nil {
		err := e.put(e.message(p.family.stateSubject(e.key)))
		if err == nil {
			e.saved(e.unsaved)
			return
		}
		p.saveFailed(err)
		again := e.unsaved
		e.unsaved = nil
		if e.reload() != nil {
			e.unsaved = again
			return
		}
		if tooLarge(err) && len(again) > 1 {
			e.oneByOne(again)
			return
		}
		for _, w := range again {
			switch {
			case w.seq <= e.applied:
				e.answerFrom(w)
				w.leave(true)
			case tooLarge(err):
				e.refuse(w, err)
			default:
				e.run(w)
			}
		}
		if len(e.unsaved) == 0 {
			return
		}
	}
}

// oneByOne saves after each command, to find the one that made the state too large.
func (e *entry[T]) oneByOne(all []*work) {
	for _, w := range all {
		if w.seq <= e.applied {
			e.answerFrom(w)
			w.leave(true)
			continue
		}
		e.run(w)
		e.save()
	}
}

// refuse notes that a command has changed nothing.
func (e *entry[T]) refuse(w *work, err error) {
	w.res, w.follows = result{ID: w.id, Failed: true, Refused: "natsmap: the state cannot be saved: " + err.Error()}, nil
	e.keep(w.res)
	e.ran(w)
}

// put saves the record, if the saved one is still the one that this one was made from.
func (e *entry[T]) put(msg *nats.Msg) error {
	ctx, cancel := context.WithTimeout(e.part.ctx, publishWait)
	defer cancel()
	ack, err := e.part.js.PublishMsg(ctx, msg, jetstream.WithExpectLastSequencePerSubject(e.rev))
	if err != nil {
		return err
	}
	e.rev = ack.Sequence
	return nil
}

// saved sends what the commands have to send, answers and lets the checkpoint pass.
func (e *entry[T]) saved(all []*work) {
	e.unsaved = nil
	if e.send(e.follows) != nil {
		return // the ownership has ended; the next owner sends them
	}
	e.follows = nil
	for _, w := range all {
		e.part.answer(w.reply, w.res)
		w.leave(true)
	}
	e.part.m.serving.commands.Add(uint64(len(all)))
}

// answerFrom answers a command that was applied before, if its result is kept.
func (e *entry[T]) answerFrom(w *work) {
	if res, ok := e.result(w.id); ok {
		e.part.answer(w.reply, res)
	}
}

// send hands over commands that others have sent.
func (e *entry[T]) send(all []follow) error {
	for _, f := range all {
		if err := e.part.persist(func(ctx context.Context) error { return e.part.hand(ctx, f) }); err != nil {
			return err
		}
	}
	return nil
}

func (p *part[T]) hand(ctx context.Context, f follow) error {
	return p.m.out.At(f.Key).DoContext(ctx, func(ctx context.Context, _ *struct{}) error {
		_, err := p.m.publish(ctx, &call{id: f.ID, key: f.Key, command: f.Command, input: f.Input})
		return err
	})
}

// persist calls f until it returns nil or the ownership has ended, and returns why it has.
func (p *part[T]) persist(f func(ctx context.Context) error) error {
	for pause := 10 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		ctx, cancel := context.WithTimeout(p.ctx, publishWait)
		err := f(ctx)
		cancel()
		if err == nil {
			return nil
		}
		select {
		case <-p.ctx.Done():
			return fmt.Errorf("natsmap: %w: %w", context.Cause(p.ctx), desync.ErrNotRun)
		case <-time.After(pause):
		}
	}
}

// tooLarge reports whether a save has failed because of its size, so that the same would fail
// again.
func tooLarge(err error) bool {
	return errors.Is(err, nats.ErrMaxPayload) || errors.Is(err, jetstream.ErrStreamMessageExceedsMaximum)
}
