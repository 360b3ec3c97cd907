package pipe

import (
	"slices"
	"sync/atomic"

	"github.com/go-desync/go-desync/adapters/internal/attempt"
)

// A place is that of an item's job in the queue of an object.
type place struct {
	over atomic.Bool // its turn has come
	stop func() bool
}

// places are kept so that a pipe that has ended leaves nothing on an object that others
// hold. They are the feeder's until the source has returned, and then the owner's.
type places struct {
	kept  []*place
	prune int // those that are over are dropped when there are so many
}

const fewPlaces = 32

func (ps *places) keep(p *place) {
	if len(ps.kept) >= max(ps.prune, fewPlaces) {
		ps.kept = slices.DeleteFunc(ps.kept, func(p *place) bool { return p.over.Load() })
		ps.prune = 2 * len(ps.kept)
	}
	ps.kept = append(ps.kept, p)
}

// leave gives up all places, of which none is needed any more.
func (ps *places) leave() {
	done := false
	defer func() {
		if !done { // an observer has panicked; the others have to go all the same
			ps.leave()
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

// queue has submit hand over the job of the item that was taken last, whose place is p.
// If submit fails, the item has no job: refused is called with the error.
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
