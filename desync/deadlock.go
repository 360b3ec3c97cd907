package desync

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-desync/go-desync/futures/waits"
)

// A DeadlockError says that a job would wait for an object that cannot become free
// before the job has ended: its own, or one held by a job that waits, directly or
// through other jobs, for the object that this job holds. Such a cycle of waits is
// called a ring.
//
// The Context variants return it for every ring along the context that a job was
// given. In builds with the race detector or with the tag desyncdebug, all calls
// that wait find a ring that they would close: those that return an error return it,
// the others panic with it. It is no ring if another of the waits can end by its
// context, by a deadline or because it is canceled.
//
// Match it with errors.As or errors.AsType. As the job of the call has not run, it
// matches [ErrNotRun] too.
type DeadlockError struct {
	// Ring lists the waits. Each is for an object that is held by the job that
	// makes the next wait; the last is for one held by the job that makes the
	// first.
	Ring []waits.Wait
}

// watching reports whether this build looks for rings that are not along a context. If
// so, every call tells package waits what it is about to wait for, and every goroutine
// what it holds.
const watching = waits.Watching

// deadlock returns the error for a ring. It calls the user's functions, so no lock may be
// held.
func deadlock(ring func() []waits.Wait) *DeadlockError { return &DeadlockError{Ring: ring()} }

func (e *DeadlockError) Error() string {
	var b strings.Builder
	b.WriteString("desync: deadlock: ")
	if len(e.Ring) == 1 {
		b.WriteString("a job waits for its own object")
	} else {
		b.WriteString("a ring of jobs wait for each other's objects")
	}
	for _, w := range e.Ring {
		fmt.Fprintf(&b, "\n\tfor %s, at %s", w.Object, cmp.Or(w.Call, "a call further up the stack or on another goroutine"))
	}
	b.WriteString("\n\tinstead of waiting inside a job, queue the inner job with Async, or take all the objects at once with Sync2 or DoAll")
	return b.String()
}

// Is reports whether target is ErrNotRun.
func (e *DeadlockError) Is(target error) bool { return target == ErrNotRun }

// describe names the object in messages.
func (d *Desync[T]) describe() string {
	object, key := d.identity()
	if _, ok := any(&d.data).(keyed); ok {
		object += ", key " + keyText(key)
	}
	return object
}

// identity returns what describe is made of. The key is nil if d is none of a map. It
// calls no functions of users.
func (d *Desync[T]) identity() (object string, key any) {
	if s, ok := any(&d.data).(keyed); ok {
		return s.identity(d.core.cfg)
	}
	return describe(d.core.cfg, d), nil
}

// keyed is a *slot, the data of an object of a map.
type keyed interface {
	identity(*config) (object string, key any)
}

// describe returns the name that c gives, or else the type and address of p.
func describe(c *config, p any) string {
	if c != nil && c.name != "" {
		return strconv.Quote(c.name)
	}
	return fmt.Sprintf("%s(%p)", strings.TrimPrefix(fmt.Sprintf("%T", p), "*"), p)
}

func (d *Desync[T]) base() *core { return &d.core }

// object describes m for the graph of waits.
func object(m member) waits.Object {
	return waits.Object{Key: m.base(), Describe: m.describe}
}

// A member is a *Desync[T] of any T.
type member interface {
	base() *core
	describe() string
	identity() (object string, key any)
	release()
}
