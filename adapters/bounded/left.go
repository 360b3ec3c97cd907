package bounded

import (
	"fmt"
	"strings"
)

// A LeftError is the error of a Close or Wait that has not waited until all jobs had ended.
// It matches the error and the cause of the context, or [ErrInJob]. Match it with errors.As
// or errors.AsType.
type LeftError struct {
	Left    []Left // for each object that has jobs left, in the order of their oldest jobs
	Permits int    // those of [Bound.Acquire] that are not released
	Err     error  // why Close or Wait has not waited

	call string
}

// Left says how many jobs of an object are left.
type Left struct {
	// Object is the object: a *desync.Desync, or a desync.Key, which has the key. Its text
	// has the name and the key.
	Object  fmt.Stringer
	Waiting int // jobs that have not begun
	Running int
}

// Error names the first few objects, with their keys.
func (e *LeftError) Error() string {
	const few = 3
	jobs := 0
	var names []string
	for i, l := range e.Left {
		jobs += l.Waiting + l.Running
		if i < few {
			names = append(names, fmt.Sprintf("%d waiting and %d running on %s", l.Waiting, l.Running, l.Object))
		}
	}
	if len(e.Left) > few {
		names = append(names, "...")
	}
	if e.Permits > 0 {
		names = append(names, fmt.Sprintf("%d permits", e.Permits))
	}
	return fmt.Sprintf("bounded: %s: %d jobs of %d objects are left (%s): %v", e.call, jobs, len(e.Left), strings.Join(names, "; "), e.Err)
}

// Unwrap returns e.Err.
func (e *LeftError) Unwrap() error { return e.Err }

// left returns the error that says what is in the book.
func (b *book) left(call string, err error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open == 0 {
		return nil // meanwhile
	}
	e := &LeftError{Err: err, call: call}
	of := make(map[fmt.Stringer]int)
	for t := range b.all {
		if t.object == nil {
			e.Permits++
			continue
		}
		i, ok := of[t.object]
		if !ok {
			i = len(e.Left)
			of[t.object] = i
			e.Left = append(e.Left, Left{Object: t.object})
		}
		if t.state == waiting {
			e.Left[i].Waiting++
		} else {
			e.Left[i].Running++
		}
	}
	return e
}
