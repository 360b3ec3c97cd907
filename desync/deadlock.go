package desync

import (
	"fmt"
	"strings"
)

// A DeadlockError says that a job waits for an object that cannot become free
// before the job has ended: its own, or one held by a job that waits, directly or
// over further jobs, for the object that this job holds.
//
// Builds with the race detector or with the tag desyncdebug panic with it where
// others block forever. Match it with errors.As or errors.AsType.
type DeadlockError struct {
	// Ring lists the waits. Each is for an object that is held by the job that
	// makes the next wait; the last is for one held by the job that makes the
	// first.
	Ring []Wait
}

// A Wait is one wait of a ring.
type Wait struct {
	Object string // the object waited for: its name, else its type and address
	Call   string // the place of the call that waits, as file:line
}

func (e *DeadlockError) Error() string {
	var b strings.Builder
	if len(e.Ring) == 1 {
		fmt.Fprintf(&b, "desync: deadlock: a job waits for its own object %s at %s", e.Ring[0].Object, e.Ring[0].Call)
	} else {
		b.WriteString("desync: deadlock: a ring of jobs wait for each other's objects:")
		for _, w := range e.Ring {
			fmt.Fprintf(&b, "\n\tfor %s at %s", w.Object, w.Call)
		}
	}
	b.WriteString("\n\ta job must not wait for an object that waits for the job: queue the inner job with Async instead")
	return b.String()
}

// describe names the object in messages.
func (d *Desync[T]) describe() string {
	if c := d.core.cfg; c != nil && c.name != "" {
		return fmt.Sprintf("%q", c.name)
	}
	return fmt.Sprintf("%s(%p)", strings.TrimPrefix(fmt.Sprintf("%T", d), "*"), d)
}
