package desync

import (
	"fmt"
	"io"
	"sync/atomic"
)

// A Published is what an object lets everybody read without a turn: a value that it
// has published after its last job. [NewPublished] makes it, together with the object.
//
// A Published may be used by any number of goroutines at once, beside a job that
// runs for hours too. It must not be copied.
type Published[P any] struct {
	last atomic.Pointer[P] // stored in the turn of the object's jobs only
}

// NewPublished returns an object that owns data, as [New] does, and what it publishes:
// what view makes of the data. That is for data that is read far more often than it
// changes, and for readers who must not wait for a slow job, such as a status page.
//
// view is called once by NewPublished, and then as the last part of every job of the
// object, of whatever kind, in its turn and on its goroutine: before the call of a job on
// the caller's goroutine returns, before the future of a background job settles, and before
// the next job begins. So what [Published.Load] returns
//
//   - is always the whole of what view has once returned, and what the last job that has
//     ended has left, while the next one runs;
//   - never goes back;
//   - is never older than what its reader knows of: whoever has seen a Do return, or a
//     future settle, finds the value of that job or of a later one.
//
// A job that panics, or calls runtime.Goexit, is followed by view like any other: the
// object goes on with the data as it is, and readers see what the next job sees. A panic or
// Goexit of view itself is that of the job before it. The old value then stays, until
// the next job has ended.
//
// What view returns is given to many readers at once, so nothing that it refers to may
// change any more. A value that is equal to the last is not published again, which costs
// nobody anything. For what is large or is not comparable let P be a pointer, and keep
// what it points to in the data, to be replaced by the jobs that change something: view
// is called after all jobs, and should be quick. It must not wait for the object.
//
// Each job of an object that publishes costs one or more allocations, and one where the
// value has changed. Other objects pay nothing.
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
			changed := value // of its own, so that what has not changed is not allocated
			p.last.Store(&changed)
		}
	}
	return d, p
}

// Load returns the value that was published last. It never waits and does not allocate:
// it costs what the Load of an [atomic.Pointer] costs, and a copy of the value.
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

// Format writes the published value as if it had been given to package fmt itself.
// Without it, package fmt would read p by reflection while jobs change it.
func (p *Published[P]) Format(f fmt.State, verb rune) {
	if p == nil {
		io.WriteString(f, "<nil>")
		return
	}
	fmt.Fprintf(f, fmt.FormatString(f, verb), p.Load())
}
