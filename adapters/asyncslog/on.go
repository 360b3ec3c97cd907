package asyncslog

import (
	"context"

	"github.com/go-desync/go-desync/adapters/internal/object"
	"github.com/go-desync/go-desync/desync"
)

// On makes the wrapped handler write in jobs of d, a plain object or a key of a [desync.Map]:
// each record has a turn of its own between the other jobs of d, and the records keep their
// order. So a handler that writes to what belongs to d, such as the file of a customer, never
// does so beside another job of d. A record takes its place on d when those before it are
// written, and not during the call of Handle.
//
// A job of d may log there. If the queue is full, with [Wait], it waits in vain for as long as
// [MaxWait] says, since no record is written before the job has ended. A job of d must not call
// [Handler.Flush]: that waits for its own job until its context ends, or with the race detector
// returns a [*desync.DeadlockError]. If the value of a key cannot be made, or an observer of d
// panics, the record is lost, and Flush says so.
//
// On panics if d is nil.
func On[T any](d desync.Object[T]) Option {
	if object.IsNil(d) {
		panic("asyncslog: On: the object must not be nil")
	}
	d.Pending() // panics if d is a key that cannot be found again
	return func(c *config) {
		c.inTurn = func(write func() error) error {
			return d.DoContext(context.Background(), func(context.Context, *T) error { return write() })
		}
	}
}
