package desync

import "sync/atomic"

// Suspend takes a place among the jobs of the object, like a job, and returns at once.
// When its turn comes, the object is held, and nothing queued later runs, until resume
// is called. No goroutine waits meanwhile.
//
// resume may be called from any goroutine, even in a job of the object, before or after
// the turn has come. Calls after the first do nothing. In the terms of the Go memory
// model, the call of resume synchronizes before the next job. If resume is never called,
// the object stays held forever.
func (d *Desync[T]) Suspend() (resume func()) { return d.suspend(nil) }

// suspend is Suspend. If over is not nil, it is called once, when the object is resumed. It is
// not called if suspend does not return, because of an observer.
func (d *Desync[T]) suspend(over func()) (resume func()) {
	if c := d.core.cfg; c != nil && c.observer != nil {
		return d.suspendTold(over)
	}
	s := new(suspension)
	if taken, _ := d.core.place(s, nil); taken {
		s.state.Store(started)
	}
	return func() {
		switch s.state.Swap(cancelled) {
		case started:
			d.release()
		case pending:
			d.core.abandon()
		default:
			return
		}
		if over != nil {
			over()
		}
	}
}

// A suspension is the entry of a Suspend. It is pending until its turn comes, started
// while it keeps the turn, which nobody uses, and cancelled once resumed.
type suspension struct {
	state atomic.Uint32
}

func (s *suspension) grant() bool {
	at(grantSwap)
	return s.state.CompareAndSwap(pending, started)
}

func (s *suspension) abandoned() bool { return s.state.Load() == cancelled }
