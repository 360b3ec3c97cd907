package natsmap

import (
	"context"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// graves are the deleted keys of a partition whose empty record is to be removed.
type graves struct {
	mu   sync.Mutex
	due  map[string]time.Time // of each key, the last in list
	list []grave
}

type grave struct {
	key string
	due time.Time
}

func (g *graves) add(key string, after time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.due == nil {
		g.due = map[string]time.Time{}
	}
	due := time.Now().Add(after)
	g.due[key] = due
	g.list = append(g.list, grave{key, due})
}

// take returns the keys that are due, at most a number.
func (g *graves) take(most int) (keys []string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for now := time.Now(); len(g.list) > 0 && len(keys) < most && now.After(g.list[0].due); g.list = g.list[1:] {
		at := g.list[0]
		if g.due[at.key].After(at.due) {
			continue // it was deleted again
		}
		delete(g.due, at.key)
		keys = append(keys, at.key)
	}
	return keys
}

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
