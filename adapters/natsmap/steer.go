package natsmap

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// steer carries out a control. Nothing is unsaved.
//
// An owner may end when it has carried out a control and before the checkpoint has passed it;
// then the next one is here again. A Delete is done again. Of the others the record has the
// result, and of a command that was skipped there is the dead letter.
func (e *entry[T]) steer(w *work) {
	kind, arg, _ := strings.Cut(w.control, " ")
	res, done := e.result(w.id)
	var err error
	switch {
	case kind == controlDelete:
		res = result{ID: w.id}
		err = e.remove(w.seq)
	case e.behind: // an owner before this one has begun with it
		res = result{ID: w.id}
		err = errors.Join(e.catchUp(w.seq), e.conclude(w, res))
	case !done:
		res, err = e.goOn(w, kind, arg)
	}
	if err != nil {
		return // the ownership has ended, and the next owner does it
	}
	answer(e.part.nc, w.reply, res)
	w.leave(true)
}

// goOn carries out a Resume or a Skip.
func (e *entry[T]) goOn(w *work, kind, arg string) (res result, err error) {
	res = result{ID: w.id}
	at, _ := strconv.ParseUint(arg, 10, 64)
	switch stands := e.parked != nil; {
	case kind == controlSkip && (!stands || e.parked.Seq != at):
		skipped, err := e.buried(at)
		switch {
		case err != nil:
			return res, err
		case skipped: // by this control or one before
		case stands:
			res.Failed, res.Refused = true, fmt.Sprintf("natsmap: the key is parked at the command %d, not at %s", e.parked.Seq, arg)
		default:
			res.Failed, res.Refused = true, "natsmap: the key is not parked"
		}
	case stands:
		if err := e.resume(w, kind == controlSkip); err != nil {
			return res, err
		}
	}
	return res, e.conclude(w, res)
}

// conclude saves the result of a control, for who looks for it. A key without a record gets none.
func (e *entry[T]) conclude(w *work, res result) error {
	if e.rev == 0 || e.deleted || e.part.ctx.Err() != nil {
		return context.Cause(e.part.ctx)
	}
	if _, known := e.result(res.ID); !known {
		e.keep(res)
	}
	if e.parked == nil {
		e.applied = w.seq // all before it have run
	}
	return e.store()
}

// resume lets a parked key go on, up to a control.
func (e *entry[T]) resume(w *work, skip bool) error {
	if skip {
		note := e.parked
		if err := e.part.persist(func(ctx context.Context) error { return e.bury(ctx, note) }); err != nil {
			return err
		}
		e.applied = note.Seq
	}
	e.parked, e.behind = nil, true
	if w.id != "" { // it counts as done from now on, also if the key is parked again
		e.keep(result{ID: w.id})
	}
	if err := e.store(); err != nil {
		return err
	}
	return e.catchUp(w.seq)
}

// revive lets a key go on as the ownership begins: one that an owner before was about to let go
// on, or that stands at a command that this version may know.
func (e *entry[T]) revive() {
	end := e.part.begun + 1 // what comes after that is read anyway
	switch {
	case e.behind:
		_ = e.catchUp(end)
	case e.part.knows(e.parked):
		_ = e.resume(&work{seq: end}, false)
	}
}

// knows reports whether this version may have the command that an older one did not know.
func (p *part[T]) knows(note *Parked) bool {
	return note != nil && note.Unknown && note.Version < p.family.config.version
}

// revival is the job of revive.
type revival[T any] struct{ part *part[T] }

func (r revival[T]) Run(e **entry[T]) { (*e).revive() }

func (r revival[T]) Ended(error) { r.part.jobs.Done() }

// catchUp runs the commands that have waited in the log, before end. Behind says that there may
// be such commands, to this owner and the next, until none is left.
func (e *entry[T]) catchUp(end uint64) error {
	p := e.part
	e.catching = true
	defer func() { e.catching = false }()
	for next := e.applied + 1; e.parked == nil; {
		var msg *jetstream.RawStreamMsg
		err := p.persist(func(ctx context.Context) error {
			log, err := p.js.Stream(ctx, p.family.logStream())
			if err != nil {
				return err
			}
			msg, err = log.GetMsg(ctx, next, jetstream.WithGetMsgSubject(p.family.commandSubject(e.key)))
			if errors.Is(err, jetstream.ErrMsgNotFound) {
				msg, err = nil, nil
			}
			return err
		})
		if err != nil {
			return err
		}
		if msg == nil || msg.Sequence >= end {
			break
		}
		next = msg.Sequence + 1
		w := p.newWork(msg.Sequence, msg.Subject, msg.Header, msg.Data)
		if w.seq <= e.applied {
			continue
		}
		e.apply(w)
		if len(e.unsaved) >= mostUnsaved || sizeOf(e.follows) > mostOwed {
			e.save()
		}
	}
	e.save()
	if p.ctx.Err() != nil {
		return context.Cause(p.ctx)
	}
	if e.parked != nil {
		return nil
	}
	e.applied, e.behind = max(e.applied, end-1), false
	if err := e.store(); err != nil {
		return err
	}
	return e.free()
}

// store saves the record alone, as often as it takes.
func (e *entry[T]) store() error {
	return e.part.persist(func(context.Context) error {
		err := e.put()
		if err == nil || !errors.Is(err, errOutdated) {
			return err
		}
		// An attempt before this one has come through, or there is a second owner. Its state
		// must not be overwritten, and this one has to go.
		saved, readErr := e.part.m.readLatest(e.part.ctx, e.key)
		if readErr == nil && saved.applied == e.applied && saved.behind == e.behind && saved.owing == e.owing && (saved.parked == nil) == (e.parked == nil) {
			e.rev = saved.rev
			return nil
		}
		e.part.cancel(ErrLost)
		return err
	})
}

// free takes the key out of the list of parked ones, but not if the next owner has put it there
// since this one has saved it.
func (e *entry[T]) free() error {
	p := e.part
	err := p.persist(func(ctx context.Context) error {
		return p.purgeState(ctx, p.family.parkedSubject(e.key), jetstream.WithPurgeSequence(e.rev))
	})
	if err == nil {
		p.holds.remove(e.key)
	}
	return err
}

func (p *part[T]) purgeState(ctx context.Context, subject string, opts ...jetstream.StreamPurgeOpt) error {
	return purge(ctx, p.js, p.family.stateStream(), subject, opts...)
}

func purge(ctx context.Context, js jetstream.JetStream, stream, subject string, opts ...jetstream.StreamPurgeOpt) error {
	s, err := js.Stream(ctx, stream)
	if err != nil {
		return err
	}
	return s.Purge(ctx, append(opts, jetstream.WithPurgeSubject(subject))...)
}

// buried reports whether a command of the key is among the dead letters.
func (e *entry[T]) buried(seq uint64) (is bool, err error) {
	p := e.part
	err = p.persist(func(ctx context.Context) error {
		_, err := p.m.latest.GetLastMsgForSubject(ctx, p.family.deadSubject(e.key, seq))
		if is = err == nil; is || !errors.Is(err, jetstream.ErrMsgNotFound) {
			return err
		}
		return nil
	})
	return is, err
}

// bury writes the command at which the key is parked to the dead letters.
func (e *entry[T]) bury(ctx context.Context, note *Parked) error {
	p := e.part
	log, err := p.js.Stream(ctx, p.family.logStream())
	if err != nil {
		return err
	}
	msg, err := log.GetMsg(ctx, note.Seq)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil // somebody has removed it
	} else if err != nil {
		return err
	}
	letter := &nats.Msg{Subject: p.family.deadSubject(e.key, note.Seq), Header: nats.Header{}, Data: msg.Data}
	letter.Header.Set(headerCommand, note.Command)
	letter.Header.Set(headerParked, jsonOf(note))
	_, err = p.js.PublishMsg(ctx, letter)
	return err
}
