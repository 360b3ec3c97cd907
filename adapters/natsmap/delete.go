package natsmap

import (
	"context"
	"errors"

	"github.com/nats-io/nats.go/jetstream"
)

// remove removes all that there is of a key up to a control. The control itself goes last: if
// the ownership ends in between, the next owner begins again.
//
// In place of the state comes an empty record: without one, the first save of an owner that has
// lost the key would be let in when it arrives late. It is removed after graveLeases. Its
// applied command is the one before the control, which is still to be carried out.
func (e *entry[T]) remove(end uint64) error {
	p, f := e.part, e.part.family
	for last := p.removed.Load(); last < end && !p.removed.CompareAndSwap(last, end); last = p.removed.Load() {
	}
	var now uint64 // what is saved of the key after this is of the next owner
	for _, step := range []func(ctx context.Context, log jetstream.Stream) error{
		func(ctx context.Context, _ jetstream.Stream) (err error) { // the guards have to know it first
			now, err = p.write(ctx, p.m.self, true)
			if errors.Is(err, ErrLost) {
				p.cancel(ErrLost)
			}
			return err
		},
		func(ctx context.Context, log jetstream.Stream) error {
			return log.Purge(ctx, jetstream.WithPurgeSubject(f.keySubjects(e.key)), jetstream.WithPurgeSequence(end))
		},
		func(ctx context.Context, _ jetstream.Stream) error {
			return p.purgeState(ctx, f.parkedSubject(e.key), jetstream.WithPurgeSequence(now))
		},
		func(ctx context.Context, _ jetstream.Stream) error {
			return p.purgeState(ctx, f.deadSubjects(e.key), jetstream.WithPurgeSequence(now))
		},
		func(ctx context.Context, _ jetstream.Stream) error { // the list has the key before its record says so
			_, err := p.js.Publish(ctx, f.graveSubject(e.key), nil)
			return err
		},
		func(ctx context.Context, _ jetstream.Stream) error { return e.empty(ctx, end) },
		func(ctx context.Context, log jetstream.Stream) error {
			err := log.DeleteMsg(ctx, end)
			if api, ok := errors.AsType[*jetstream.APIError](err); ok && api.ErrorCode == errNoMessage || errors.Is(err, jetstream.ErrMsgNotFound) {
				return nil
			}
			return err
		},
	} {
		if err := p.persist(func(ctx context.Context) error {
			log, err := p.js.Stream(ctx, f.logStream())
			if err != nil {
				return err
			}
			return step(ctx, log)
		}); err != nil {
			return err
		}
	}
	e.applied = end
	p.holds.remove(e.key)
	p.graves.add(e.key, graveLeases*f.config.lease)
	return nil
}

// empty saves the empty record, over whatever is saved of before end.
func (e *entry[T]) empty(ctx context.Context, end uint64) error {
	e.record = record{rev: e.rev, applied: end - 1, deleted: true}
	e.decode()
	err := e.put()
	if !errors.Is(err, errOutdated) {
		return err
	}
	// Something came late: an attempt before this one, or a save of an owner before. If it is
	// of a command after the Delete, another owner has carried that out.
	saved, readErr := e.part.m.readLatest(ctx, e.key)
	switch {
	case readErr != nil:
		return readErr
	case saved.applied >= end:
		e.part.cancel(ErrLost)
	}
	e.rev = saved.rev
	return err // it is tried again
}

// graveLeases is for how many leases the empty record of a deleted key stays.
const graveLeases = 6

// findGraves finds the keys that were deleted before. It fails only if the ownership ends.
func (p *part[T]) findGraves() error {
	keys, err := p.list("g")
	for _, key := range keys {
		p.graves.add(key, graveLeases*p.family.config.lease)
	}
	return err
}

// manyGraves is how many empty records are removed at once.
const manyGraves = 1000

// clear removes the empty records that are due.
func (p *part[T]) clear() {
	for _, key := range p.graves.take(manyGraves) {
		p.lanes.mu.Lock()
		goesOn := p.fed.Err() == nil
		if goesOn {
			p.jobs.Add(1) // before halt, which waits for mu
		}
		p.lanes.mu.Unlock()
		if !goesOn {
			return // the next owner does it
		}
		p.keys.At(key).Submit(clearing[T]{p})
	}
}

// A clearing is the job that removes the empty record of a key.
type clearing[T any] struct{ part *part[T] }

func (c clearing[T]) Run(e **entry[T]) { (*e).clear() }

func (c clearing[T]) Ended(error) { c.part.jobs.Done() }

func (e *entry[T]) clear() {
	p, f := e.part, e.part.family
	e.save() // the step before may have left it to this job
	if e.deleted {
		err := p.persist(func(ctx context.Context) error { // not what another owner may have saved since
			return p.purgeState(ctx, f.stateSubject(e.key), jetstream.WithPurgeSequence(e.rev+1))
		})
		if err != nil {
			return // the next owner does it
		}
		e.rev, e.deleted = 0, false
	}
	_ = p.persist(func(ctx context.Context) error { return p.purgeState(ctx, f.graveSubject(e.key)) })
}
