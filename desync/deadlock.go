package desync

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// A DeadlockError says that a job waits for an object that cannot become free
// before the job has ended: its own, or one held by a job that waits, directly or
// over further jobs, for the object that this job holds.
//
// The Context variants return it for every ring along the context that a job was
// given. In builds with the race detector or with the tag desyncdebug, all calls
// that wait find every ring: the Context variants return the error, the others
// panic with it where they would block for ever. Match it with errors.As or
// errors.AsType. As the job of the call has not run, it matches [ErrNotRun] too.
type DeadlockError struct {
	// Ring lists the waits. Each is for an object that is held by the job that
	// makes the next wait; the last is for one held by the job that makes the
	// first.
	Ring []Wait
}

// A Wait is one wait of a ring.
type Wait struct {
	Object string // the object waited for: its name, else its type and address
	Call   string // the place of the call that waits, as file:line; empty if unknown
}

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
func (d *Desync[T]) describe() string { return describe(d.core.cfg, d) }

// describe returns the name that c gives, or else the type and address of p.
func describe(c *config, p any) string {
	if c != nil && c.name != "" {
		return strconv.Quote(c.name)
	}
	return fmt.Sprintf("%s(%p)", strings.TrimPrefix(fmt.Sprintf("%T", p), "*"), p)
}

func (d *Desync[T]) base() *core { return &d.core }

// A member is a *Desync[T] whose T does not matter.
type member interface {
	base() *core
	describe() string
	release()
}

// A goroutine is the number of a goroutine in the wait graph; see watch_on.go.
type goroutine uint64
