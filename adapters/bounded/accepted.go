package bounded

import (
	"github.com/go-desync/go-desync/desync"
)

// accepted is a job that has room. Unlike a job of Async, it learns if the value of a key could
// not be made.
type accepted[T any] struct {
	ticket
	permit *Permit // or nil; then b has the room
	b      *Bound
	run    func(*T)
	ended  func(error) // nil for an Async
	ran    bool
}

// give hands over a job when enter has let it in. given is what the user has given.
func give[T any](b *Bound, call string, d desync.Object[T], a *accepted[T], given any, weight int64, enter func(*ticket) error) error {
	mustBePositive(call, "weight", weight)
	a.b, a.object, a.given, a.weight, a.told = b, d, given, weight, a.ended
	d.Pending() // panics if d is a key that cannot be found again
	if err := enter(&a.ticket); err != nil {
		return err
	}
	a.handOver(d)
	return nil
}

// handOver queues the job, which gives back the room when it has ended.
func (a *accepted[T]) handOver(d desync.Object[T]) {
	queued := false
	defer func() {
		if !queued { // an observer of the object panicked: the job never runs
			a.leave()
		}
	}()
	stop := d.Submit(a)
	queued = true
	a.b.queued(&a.ticket, stop)
}

func (a *accepted[T]) leave() {
	a.b.leave(&a.ticket)
	if a.permit != nil {
		a.permit.letGo()
	}
}

func (a *accepted[T]) Run(data *T) {
	if a.ran = a.b.begin(&a.ticket); a.ran {
		a.run(data)
	}
}

// Func is for observers of the object.
func (a *accepted[T]) Func() any { return a.given }

// Ended gives back the room. If a panic has kept the value from being made, it goes on, as in
// Async.
func (a *accepted[T]) Ended(err error) {
	if !a.ran && !a.b.begin(&a.ticket) {
		return // it was taken back
	}
	defer a.leave() // last, so that Close waits for what the job's Ended does
	if a.ended != nil {
		a.ended(err)
	} else if p, ok := err.(*desync.PanicError); ok && !a.ran {
		panic(p)
	}
}
