package desync

import (
	"sync/atomic"

	"github.com/go-desync/go-desync/futures/waits"
)

// A place is told of by a drainer, since the observer may take long, may panic and may use the
// object. A granter is called by any goroutine that leaves the object.
//
//	pending ── reach ──▶ telling ── keep ──▶ started, and nobody runs
//	   │                    │                   │
//	   └─────── end ────────┴─────── end ───────┴──────▶ cancelled
//
// Whoever swaps started for cancelled has the turn from then on. If the end comes while the
// observer is told, keep fails, and the drainer goes on with the turn.

// A placeTask is the entry of a place.
type placeTask[T any] struct{ place }

var _ task[int] = placeTask[int]{}

func (d *Desync[T]) taskOf(p place) any { return placeTask[T]{p} }

func (p placeTask[T]) run(d *Desync[T], _ bool) bool {
	if !p.reach() {
		return true
	}
	at(tellHeld)
	p.tell()
	if watching {
		waits.Leave(&d.core)
	}
	at(keepSwap)
	if p.keep() {
		return false
	}
	if watching {
		waits.Hold(object(d))
	}
	d.core.cfg.rest() // the time in which the observer was told is not the next job's
	return true
}

// A toldSuspension is the place of a Suspend.
type toldSuspension struct {
	state  atomic.Uint32
	record *record
}

func (s *toldSuspension) abandoned() bool { return s.state.Load() == cancelled }
func (s *toldSuspension) reach() bool     { return s.state.CompareAndSwap(pending, telling) }
func (s *toldSuspension) tell()           { s.record.heldApart() }

func (s *toldSuspension) keep() bool {
	if s.state.CompareAndSwap(telling, started) {
		return true
	}
	s.record.note(OutcomeReturned)
	s.record.guarded(s.record.tell) // after Held, which the goroutine that resumes cannot wait for
	return false
}

// suspendTold is suspend for an observed object.
func (d *Desync[T]) suspendTold(over func()) (resume func()) {
	s := &toldSuspension{record: d.record(made{call: CallSuspend})}
	if taken, _ := d.core.place(d.taskOf(s), nil); taken {
		s.state.Store(started)
		told := false
		defer func() {
			if !told { // nobody can resume it
				s.end(d, nil)
			}
		}()
		s.record.held()
		told = true
	}
	return func() { s.end(d, over) }
}

// end ends the suspension, and calls over, if it is not nil, even if the observer panics. It
// does nothing if the suspension has ended before.
func (s *toldSuspension) end(d member, over func()) {
	before := s.state.Swap(cancelled)
	if before == cancelled {
		return
	}
	if over != nil {
		defer over()
	}
	r := s.record
	switch before {
	case started:
		r.note(OutcomeReturned)
		defer r.tell()
		d.release()
	case pending:
		s.record = nil // the place may stay for long, and the record serves another job
		r.note(OutcomeNotRun)
		defer r.tell()
		d.base().abandon()
	} // telling: the drainer goes on
}

// A toldShare is the place of a share.
type toldShare struct {
	*share
	record *record // whoever swaps pending away may use it

	// If the share is given up while the observer is told that it holds the object, the
	// drainer and the caller both swap met: the drainer when Held has returned, the caller
	// when it has set err. The second tells the observer of the end.
	met atomic.Bool
	err error
}

func (s *toldShare) reach() bool { return s.state.CompareAndSwap(pending, telling) }

func (s *toldShare) tell() {
	if s.missing.Load() > 1 { // else the job can start
		s.record.heldApart()
	}
}

func (s *toldShare) keep() bool {
	if s.granted(telling) {
		return true
	}
	if s.met.Swap(true) {
		s.record.guarded(func() { s.record.tellErr(s.err) })
	}
	return false
}
