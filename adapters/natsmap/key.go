package natsmap

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// An entry is the object of a key at its owner: the state as it is after the last command, and
// as it was saved.
//
// Invariant: value is what run made of the saved state with the commands of unsaved, in their
// order; and record is what is to be saved. Both are owned by the job of the key.
type entry[T any] struct {
	part     *part[T]
	key      string
	record   // rev is that of the saved one
	value    *T
	broken   error // why the saved state cannot be decoded; then there is no value
	unsaved  []*work
	catching bool // catchUp is at work
	debt     bool // a debt is on its way
}

// load returns the entry of a key, after the commands that it had still to send are in the
// log. It fails only if the ownership ends.
func (p *part[T]) load(key string) (*entry[T], error) {
	e := &entry[T]{part: p, key: key}
	return e, e.reload()
}

// reload makes the entry what is saved, and sends what it has still to send.
func (e *entry[T]) reload() error {
	if err := e.part.persist(e.reread); err != nil {
		return err
	}
	if e.version > e.part.family.config.version { // which only an owner after this one has saved
		e.part.cancel(ErrLost)
		return fmt.Errorf("natsmap: %w", ErrLost)
	}
	return e.settle()
}

func (e *entry[T]) reread(ctx context.Context) error {
	r, err := e.part.m.readLatest(ctx, e.key)
	if err != nil {
		return err
	}
	e.record = r
	if r.parked != nil || r.behind { // it may have been saved since findParked has looked
		e.part.holds.add(e.key, r.applied+1)
	}
	e.decode()
	return nil
}

// decode makes value from the encoded state.
func (e *entry[T]) decode() {
	e.value, e.broken = new(T), nil
	if e.state == nil {
		return
	}
	f := e.part.family
	state := e.state
	if e.version < f.config.version && f.config.upgrade != nil {
		var err error
		if state, err = f.config.upgrade(e.version, state); err != nil {
			e.value, e.broken = nil, fmt.Errorf("natsmap: the state cannot be lifted from version %d: %w", e.version, err)
			return
		}
	}
	if err := f.config.codec.Unmarshal(state, e.value); err != nil {
		e.value, e.broken = nil, fmt.Errorf("natsmap: the state cannot be decoded: %w", err)
	}
}

// step is the job of one command. more says whether another command of the key waits, which
// will save what this one has changed.
func (e *entry[T]) step(w *work, more func() bool) {
	switch {
	case w.seq <= e.applied:
		e.answerFrom(w)
		w.leave(true)
	case w.control != "":
		e.save()
		e.steer(w)
	case e.parked != nil || e.behind: // it stays in the log
		e.wait(w)
	default:
		e.apply(w)
	}
	if len(e.unsaved) >= mostUnsaved || sizeOf(e.follows) > mostOwed || !more() {
		e.save()
	}
}

// mostUnsaved bounds how many commands are folded into one save, and so how long the first
// waits for its result.
const mostUnsaved = 256

// apply runs a command, as often as it takes, and adds it to what is to be saved; or it parks
// the key.
func (e *entry[T]) apply(w *work) {
	res, known := e.result(w.id)
	if known { // handed over twice
		w.res, w.follows = res, nil
		e.ran(w)
		return
	}
	for {
		w.attempts++
		verdict := e.run(w)
		switch {
		case verdict.park != "":
			e.park(w, verdict)
			return
		case !verdict.again:
			e.keep(w.res)
			e.ran(w)
			return
		}
		e.save() // what came before need not wait
		select {
		case <-e.part.ctx.Done():
			return
		case <-time.After(verdict.after):
		}
		if w.seq <= e.applied { // another owner was faster
			e.answerFrom(w)
			w.leave(true)
			return
		}
	}
}

// A verdict is what becomes of a command that has run.
type verdict struct {
	again   bool
	after   time.Duration
	park    string // why
	unknown bool   // the command has no function here
}

// run runs a command once. It sets what is to be saved, or leaves the state as it was.
func (e *entry[T]) run(w *work) verdict {
	p := e.part
	if e.broken != nil {
		return verdict{park: e.broken.Error()}
	}
	h := p.family.commands[w.command]
	if h == nil {
		return verdict{park: fmt.Sprintf("the process that serves the key has no command %q", w.command), unknown: true}
	}
	t := &Turn{
		Family: p.family.name, Key: e.key, Seq: w.seq, Attempt: w.attempts,
		ctx: context.WithValue(p.ctx, turnOf{p.family.name}, e.key), codec: p.family.config.codec,
	}
	out, follows, err := guard(h, t, e.value, w.input, e.early)
	var state []byte
	if err == nil {
		if state, err = p.family.config.codec.Marshal(e.value); err != nil {
			err = fmt.Errorf("natsmap: the state cannot be encoded: %w", err)
		}
	}
	if err == nil {
		e.state, e.version, w.follows = state, p.family.config.version, follows
		w.res = result{ID: w.id, Out: out}
		return verdict{}
	}
	e.decode() // as it was
	w.follows = nil
	w.res = result{ID: w.id, Failed: true, Refused: err.Error()}
	retry, isRetry := errors.AsType[*retryError](err)
	_, panicked := errors.AsType[*panicError](err)
	_, bad := errors.AsType[*BadInputError](err)
	switch {
	case bad, isRetry && w.attempts >= p.family.config.attempts, panicked && w.attempts >= mostPanics:
		return verdict{park: err.Error()}
	case isRetry:
		return verdict{again: true, after: retry.pause(w.attempts)}
	case panicked:
		return verdict{again: true, after: backoff(w.attempts)}
	}
	return verdict{}
}

const mostPanics = 3

// ran notes that a command is applied.
func (e *entry[T]) ran(w *work) {
	e.applied, e.deleted = w.seq, false
	e.follows = append(e.follows, w.follows...)
	e.unsaved = append(e.unsaved, w)
}

// save saves what is not saved, whatever it takes, until the ownership ends. If another has
// saved the key in between, or it is not known what a save has done, the commands that the
// saved state does not have run again.
func (e *entry[T]) save() {
	p := e.part
	for len(e.unsaved) > 0 && p.ctx.Err() == nil {
		err := e.put()
		if err == nil {
			e.saved()
			return
		}
		p.m.serving.refused.Add(1)
		again := e.unsaved
		e.unsaved = nil
		if e.reload() != nil {
			return // the ownership has ended
		}
		large := tooLarge(err)
		for _, w := range again {
			switch {
			case w.seq <= e.applied:
				e.answerFrom(w)
				w.leave(true)
			case e.parked != nil || e.behind && !e.catching:
				e.wait(w)
			case large && len(again) == 1:
				w.res, w.follows = result{ID: w.id, Failed: true, Refused: "natsmap: the state cannot be saved: " + err.Error()}, nil
				e.keep(w.res)
				e.ran(w)
			default:
				w.attempts = 0
				e.apply(w)
				if large { // one by one, to find the one that makes it too large
					e.save()
				}
			}
		}
	}
}

// put saves the record, if the saved one is still the one that this one was made from.
func (e *entry[T]) put() error {
	ctx, cancel := context.WithTimeout(e.part.ctx, publishWait)
	defer cancel()
	ack, err := e.part.js.PublishMsg(ctx, e.message(e.part.family.stateSubject(e.key)), jetstream.WithExpectLastSequencePerSubject(e.rev))
	if wrongSequence(err) {
		return fmt.Errorf("%w: %w", errOutdated, err)
	} else if err != nil {
		return err
	}
	e.rev = ack.Sequence
	return nil
}

// wait leaves a command in the log, since the key is parked.
func (e *entry[T]) wait(w *work) {
	if e.parked != nil {
		answer(e.part.nc, w.reply, result{ID: w.id, Parked: e.parked})
	}
	w.leave(true)
}

// answerFrom answers a command that was applied before, if its result is kept.
func (e *entry[T]) answerFrom(w *work) {
	if res, ok := e.result(w.id); ok {
		answer(e.part.nc, w.reply, res)
	}
}

// tooLarge reports whether a save has failed because of its size, so that the same would fail
// again.
func tooLarge(err error) bool {
	api, _ := errors.AsType[*jetstream.APIError](err)
	return errors.Is(err, nats.ErrMaxPayload) || api != nil && (api.ErrorCode == jetstream.JSErrCodeStreamMessageExceedsMaximum || api.ErrorCode == errHeader)
}
