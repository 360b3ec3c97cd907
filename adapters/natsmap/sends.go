package natsmap

import (
	"context"
	"errors"
	"time"
)

// saved sends what the commands have to send, answers and lets the checkpoint pass.
func (e *entry[T]) saved() {
	all := e.unsaved
	e.unsaved = nil
	if e.send(all) != nil {
		return // the ownership has ended; the next owner sends them
	}
	for _, w := range all {
		answer(e.part.nc, w.reply, w.res)
		w.leave(true)
	}
	e.part.m.serving.commands.Add(uint64(len(all)))
}

// early saves what came before a command that runs for long. If that fails, it is done again
// with what the command changes.
func (e *entry[T]) early() {
	if len(e.unsaved) > 0 && e.put() == nil {
		e.saved()
	}
}

// settle sends what the saved record has to send. If the checkpoint has passed it, all was sent,
// unless the record says that it is owed, or the key is behind: the checkpoint had passed what it
// catches up on before that has run.
func (e *entry[T]) settle() error {
	if checkpoint, _ := e.part.front(); e.applied <= checkpoint && !e.owing && !e.behind {
		e.follows = nil
		return nil
	}
	return e.send(nil)
}

// send sends what the record has to send; all is of the commands that have it. If the log is
// full, what is left is owed: the checkpoint passes the commands, since the log cannot be cut
// before, and the key goes on, up to mostOwed.
func (e *entry[T]) send(all []*work) error {
	full := false
	for sent := false; len(e.follows) > 0; sent = true {
		if err := e.part.persist(func(ctx context.Context) error {
			err := e.part.hand(ctx, e.follows[0])
			if full = errors.Is(err, ErrFull); !full {
				return err
			}
			e.part.s.full.Store(true)
			if e.owing && sizeOf(e.follows) > mostOwed {
				return err
			}
			return nil
		}); err != nil {
			return err
		}
		if full && sent && e.owing { // else the next owner would send them again
			if err := e.store(); err != nil {
				return err
			}
		}
		if full {
			return e.owe(all)
		}
		e.follows = e.follows[1:]
	}
	e.follows = nil
	if !e.owing {
		return nil
	}
	e.owing = false
	if err := e.store(); err != nil || e.behind || e.parked != nil { // those stay in the list
		return err
	}
	return e.free()
}

// owe lets the checkpoint pass commands whose state is saved. The record says that what they
// send is owed, and the key is in the list of those that a new owner looks at.
func (e *entry[T]) owe(all []*work) error {
	p := e.part
	if !e.owing {
		if err := p.persist(func(ctx context.Context) error {
			_, err := p.js.Publish(ctx, p.family.parkedSubject(e.key), nil)
			return err
		}); err != nil {
			return err
		}
		e.owing = true
		if err := e.store(); err != nil {
			return err
		}
	}
	for _, w := range all {
		w.pass()
	}
	if !e.debt {
		e.debt = true
		p.later(e.key, owedAfter)
	}
	return nil
}

const owedAfter = 100 * time.Millisecond

// later makes a key send what it owes after a pause.
func (p *part[T]) later(key string, pause time.Duration) {
	p.lanes.mu.Lock()
	defer p.lanes.mu.Unlock()
	if p.fed.Err() != nil {
		return // the next owner does it
	}
	p.feeding.Go(func() {
		select {
		case <-p.fed.Done():
			return
		case <-time.After(pause):
		}
		p.jobs.Add(1)
		p.keys.At(key).Submit(debt[T]{p})
	})
}

// A debt is the job that sends what a key owes.
type debt[T any] struct{ part *part[T] }

func (d debt[T]) Run(e **entry[T]) {
	(*e).debt = false
	(*e).save() // the step before may have left it to this job
	if (*e).owing {
		_ = (*e).send(nil)
	}
}

func (d debt[T]) Ended(error) { d.part.jobs.Done() }

func (p *part[T]) hand(ctx context.Context, f follow) error {
	return p.m.out.At(f.Key).DoContext(ctx, func(ctx context.Context, _ *struct{}) error {
		_, err := p.m.publish(ctx, &call{id: f.ID, key: f.Key, command: f.Command, input: f.Input})
		return err
	})
}
