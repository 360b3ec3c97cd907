package desync

import (
	"fmt"
	"io"
	"sync/atomic"
)

// A Published holds the value that an object has published after its last job. Anybody
// may read it without a turn. [NewPublished] makes it, together with the object.
//
// Any number of goroutines may use a Published at once, even while a job runs for hours.
// It must not be copied.
type Published[P any] struct {
	last atomic.Pointer[P] // stored in the turn of the object's jobs only
}

// NewPublished returns an object that owns data, as [New] does, and a [Published] with
// the value that view makes of the data. Use it for data that is read far more often than
// it changes, and for readers that must not wait for a slow job, such as a status page.
//
// NewPublished calls view once. From then on view is the last part of every job of the
// object, of whatever kind. It runs in the job's turn and on its goroutine: before Do or
// Sync returns, before the future of a background job settles, and before the next job
// begins. So the value that [Published.Load] returns
//
//   - is always complete: it is what view returned after the last job that has ended,
//     even while the next one runs;
//   - never goes back;
//   - is never older than what its reader knows: a goroutine that has seen a Do return,
//     or a future settle, finds the value of that job or of a later one.
//
// A job that panics, or calls runtime.Goexit, is followed by view like any other: the
// object goes on with the data as it is, and readers see what the next job sees. A panic
// or Goexit of view itself counts as one of the job. The old value then stays until the
// next job has ended.
//
// Many readers use what view returns at once, so nothing that it refers to may change any
// more. A value that is equal to the last one is not published again. For a value that is
// large or not comparable, let P be a pointer and keep it in the data; a job that changes
// something replaces it by a pointer to a new value. view is called after every job, so
// it should be quick. It must not wait for the object.
//
// Background jobs of an object that publishes cost an allocation each, and all jobs one if
// the value has changed. Other objects pay nothing.
//
// NewPublished panics if view is nil.
func NewPublished[T any, P comparable](data T, view func(data *T) P, opts ...Option) (*Desync[T], *Published[P]) {
	if view == nil {
		panic("desync: NewPublished: the function that makes the value to be published is nil")
	}
	d, p := New(data, opts...), new(Published[P])
	value := view(&d.data)
	p.last.Store(&value)
	if d.core.cfg == nil {
		d.core.cfg = new(config)
	}
	d.core.cfg.publish = func() {
		// Stores come in turns, so nobody else stores between the two.
		if value := view(&d.data); value != *p.last.Load() {
			changed := value // a variable of its own, so that only a changed value is allocated
			p.last.Store(&changed)
		}
	}
	return d, p
}

// Load returns the value that was published last. It never waits and does not allocate.
// It costs as much as the Load of an [atomic.Pointer] and a copy of the value.
//
// In the terms of the Go memory model, the end of the job after which the value was
// published synchronizes before the return of Load.
//
// Load panics if p was not made by [NewPublished].
func (p *Published[P]) Load() P {
	last := p.last.Load()
	if last == nil {
		panic("desync: Published.Load: a zero Published has no object; NewPublished makes both")
	}
	return *last
}

// Format writes the published value as package fmt would. Without it, package fmt would
// read p by reflection while jobs change it.
func (p *Published[P]) Format(f fmt.State, verb rune) {
	if p == nil {
		io.WriteString(f, "<nil>")
		return
	}
	fmt.Fprintf(f, fmt.FormatString(f, verb), p.Load())
}
