package pipe

import (
	"slices"
	"sync/atomic"

	"github.com/go-desync/go-desync/adapters/internal/attempt"
)

// A place is the place of an item's job in the queue of an object.
type place struct {
	over atomic.Bool // it has begun, or there is no job
	stop func() bool
	item unrun
}

// An unrun is an item that has not run.
type unrun interface{ value() any }

// places lets a pipe that has ended take its jobs out of the queues, even of objects
// that are busy. It belongs to the feeder until the source has returned, and then to the
// owner.
type places struct {
	kept  []*place
	items []any // that have not run, when all places were given up
	prune int   // when there are so many places, drop those that are over
}

const fewPlaces = 32

func (ps *places) keep(p *place) {
	if len(ps.kept) >= max(ps.prune, fewPlaces) {
		ps.kept = slices.DeleteFunc(ps.kept, func(p *place) bool { return p.over.Load() })
		ps.prune = 2 * len(ps.kept)
	}
	ps.kept = append(ps.kept, p)
}

// unrun returns the items whose job has not begun, in order, when none begins any more.
func (ps *places) unrun() []any {
	items := ps.items
	for _, p := range ps.kept {
		if !p.over.Load() {
			items = append(items, p.item.value())
		}
	}
	return items
}

// giveUp gives up all places, when none is needed any more.
func (ps *places) giveUp() {
	done := false
	defer func() {
		if !done { // an observer has panicked; the others have to go all the same
			ps.giveUp()
		}
	}()
	for len(ps.kept) > 0 {
		p := ps.kept[len(ps.kept)-1]
		ps.kept[len(ps.kept)-1] = nil
		ps.kept = ps.kept[:len(ps.kept)-1]
		p.stop()
	}
	ps.kept, done = nil, true
}

// queue calls submit, which hands over the job of the item that was taken last, with the
// place p. If submit fails, the item has no job: refused is called with the error.
func (in *intake) queue(p *place, submit func() (stop func() bool), refused func(err error)) {
	attempt.Run(func() error {
		p.stop = submit()
		in.keep(p)
		return nil
	}, func(err error) {
		if err != nil { // also when submit calls runtime.Goexit
			in.taken--
			in.passed++
			refused(err)
		}
	})
}
