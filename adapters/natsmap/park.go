package natsmap

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Retry returns an error with which a command says that it should run again, after a pause: of
// the given length, or, if that is 0, of 100 ms, doubling up to 30 s, more or less. Meanwhile
// the other commands of the key wait. After the attempts that [Attempts] allows the key is
// parked.
func Retry(err error, after time.Duration) error {
	return &retryError{err, after}
}

type retryError struct {
	err   error
	after time.Duration
}

func (e *retryError) Error() string { return e.err.Error() }

func (e *retryError) Unwrap() error { return e.err }

func (e *retryError) pause(attempt int) time.Duration {
	if e.after > 0 {
		return e.after
	}
	return backoff(attempt)
}

// Attempts sets how often a command runs that fails with [Retry], until its key is parked: 10
// times without it.
//
// Attempts panics if n is less than 1.
func Attempts(n int) Option {
	if n < 1 {
		panic(fmt.Sprintf("natsmap: Attempts(%d): the number must be at least 1", n))
	}
	return func(c *config) { c.attempts = n }
}

// park stops the key at a command. The list of parked keys has it before its state says so.
func (e *entry[T]) park(w *work, v verdict) {
	p := e.part
	e.save() // what came before
	note := &Parked{
		Key: e.key, Seq: w.seq, Command: w.command, Cause: v.park, Attempts: w.attempts, Since: time.Now().UTC(),
		Unknown: v.unknown, Version: p.family.config.version,
	}
	p.holds.add(e.key, w.seq)
	err := p.persist(func(ctx context.Context) error {
		if w.seq <= e.applied || e.parked != nil {
			return nil // another owner was faster
		}
		listed, err := p.js.Publish(ctx, p.family.parkedSubject(e.key), []byte(jsonOf(note)))
		if err != nil {
			return err
		}
		behind := e.behind
		e.parked, e.behind, e.deleted = note, false, false
		if err := e.put(); err != nil {
			p.m.serving.refused.Add(1)
			e.parked, e.behind = nil, behind // what is saved is read again
			if errors.Is(err, errOutdated) {
				p.unlist(e.key, listed.Sequence)
			}
			return errors.Join(err, e.reread(ctx))
		}
		return nil
	})
	if err != nil {
		return
	}
	if e.parked == nil {
		if e.settle() != nil {
			return
		}
		p.holds.remove(e.key)
		e.answerFrom(w)
	} else {
		answer(p.nc, w.reply, result{ID: w.id, Parked: e.parked})
	}
	w.leave(true)
}

// unlist takes a note out of the list of parked keys whose state was refused, unless the state
// that is saved needs it there. It does so, too, when the ownership has ended: Delete may have
// cleared the list before the note came. No save of this owner can be let in any more, and a note
// of the next owner comes later.
func (p *part[T]) unlist(key string, seq uint64) {
	ctx, cancel := context.WithTimeout(context.Background(), publishWait)
	defer cancel()
	if r, err := p.m.readLatest(ctx, key); err == nil && r.parked == nil && !r.behind && !r.owing {
		_ = p.purgeState(ctx, p.family.parkedSubject(key), jetstream.WithPurgeSequence(seq+1)) // a name too many does no harm
	}
}

// list returns the keys of the partition in a list; see Map.subjects. It fails only if the
// ownership ends.
func (p *part[T]) list(kind string) (keys []string, err error) {
	err = p.persist(func(ctx context.Context) error {
		keys = nil
		for subject, err := range p.m.subjects(ctx, p.family.subject(kind, strconv.Itoa(p.p), "*")) {
			if err != nil {
				return err
			}
			if key, ok := keyOfSubject(subject); ok {
				keys = append(keys, key)
			}
		}
		return nil
	})
	return keys, err
}

// findParked finds the keys that were parked before. It fails only if the ownership ends.
func (p *part[T]) findParked() error {
	var revive []string
	listed, err := p.list("k")
	if err != nil {
		return err
	}
	for _, key := range listed {
		var r record
		if err := p.persist(func(ctx context.Context) (err error) { // each for itself: there may be many
			r, err = p.m.readLatest(ctx, key)
			return err
		}); err != nil {
			return err
		}
		if r.parked != nil || r.behind {
			p.holds.add(key, r.applied+1)
		}
		if r.behind || r.owing || p.knows(r.parked) {
			revive = append(revive, key)
		}
	}
	p.holds.found()
	for _, key := range revive { // before the first command is read
		p.jobs.Add(1)
		p.keys.At(key).Submit(revival[T]{p})
	}
	return nil
}
