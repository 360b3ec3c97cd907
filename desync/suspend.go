package desync

import "sync/atomic"

// Suspend takes a place among the jobs of the object, like a job, and returns at
// once. From that place on the object is held, and nothing queued later runs, until
// resume is called. No goroutine waits meanwhile.
//
// resume may be called from any goroutine, a job of the object included, before or
// after the place is reached. Calls after the first do nothing. What happens before
// the call of resume happens before the next job. If resume is never called the
// object stays held forever.
func (d *Desync[T]) Suspend() (resume func()) { return d.suspend(nil) }

// suspend is Suspend. If over is not nil, it is called once, when the object is resumed.
func (d *Desync[T]) suspend(over func()) (resume func()) {
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

// A suspension is the entry of a Suspend. It is pending until its turn, started while it
// holds the turn for nobody, and cancelled once resumed.
type suspension struct {
	state atomic.Uint32
}

func (s *suspension) grant() bool {
	at(grantSwap)
	return s.state.CompareAndSwap(pending, started)
}

func (s *suspension) abandoned() bool { return s.state.Load() == cancelled }
