package desync

import (
	"context"
	"slices"
	"time"

	"github.com/go-desync/go-desync/futures/waits"
)

// A jobContext is the context of a job. It records which object the job holds. A context
// may be derived from several jobContexts; their objects are the chain held along it.
//
// It is the one allocation of a Context call on an idle object, of 24 bytes; see
// backgroundContext for that of 8. It cannot be reused, because the job may have derived
// contexts from it that outlive the call.
type jobContext[T any] struct {
	context.Context
	object holding[T] // ends when the job does, though its context may still be in use
}

type jobContextKey struct{}

func (j *jobContext[T]) Value(key any) any {
	if key == (jobContextKey{}) {
		return j
	}
	return j.Context.Value(key)
}

// A firstContext is the jobContext of a job for which no job further up the chain waits.
type firstContext[T any] struct{ jobContext[T] }

func (j *firstContext[T]) Value(key any) any {
	if key == (jobContextKey{}) {
		return j
	}
	return j.Context.Value(key)
}

// A backgroundContext is the jobContext of a job whose call was given context.Background. It
// takes 8 bytes in place of 24, which is the cheapest allocation with a pointer.
type backgroundContext[T any] struct{ object holding[T] }

func (j *backgroundContext[T]) Value(key any) any {
	if key == (jobContextKey{}) {
		return j
	}
	return nil
}

func (j *backgroundContext[T]) Deadline() (time.Time, bool) { return time.Time{}, false }
func (j *backgroundContext[T]) Done() <-chan struct{}       { return nil }
func (j *backgroundContext[T]) Err() error                  { return nil }

// A severalContext is the jobContext of a job of several objects.
type severalContext struct {
	context.Context
	objects []member
	own     [2]member // spares an allocation
	over    mark
}

func (j *severalContext) Value(key any) any {
	if key == (jobContextKey{}) {
		return j
	}
	return j.Context.Value(key)
}

// A link is a *jobContext[T], *firstContext[T] or *backgroundContext[T] of any T, or a
// *severalContext.
type link interface {
	held() []member // nil when the job has ended
	outer() (ctx context.Context, ok bool)
}

func (j *jobContext[T]) held() []member        { return j.object.members() }
func (j *backgroundContext[T]) held() []member { return j.object.members() }

func (h *holding[T]) members() []member {
	if d := h.load(); d != nil {
		return []member{d}
	}
	return nil
}

func (j *jobContext[T]) outer() (context.Context, bool)   { return j.Context, true }
func (j *firstContext[T]) outer() (context.Context, bool) { return j.Context, false }

func (j *backgroundContext[T]) outer() (context.Context, bool) { return context.Background(), false }

func (j *severalContext) held() []member {
	if j.over.isSet() {
		return nil
	}
	return j.objects
}

func (j *severalContext) outer() (context.Context, bool) { return j.Context, true }

// ringAlong returns a DeadlockError if object is held along ctx, for a call whose name
// contains name.
func ringAlong(ctx context.Context, object member, name string) error {
	chain := chainAlong(ctx)
	n := slices.IndexFunc(chain, func(held []member) bool {
		return slices.ContainsFunc(held, func(m member) bool { return m.base() == object.base() })
	})
	if n < 0 {
		return nil
	}
	// This call is the innermost on the stack. Then come the calls of the chain that this
	// goroutine has made. If there are more calls on the stack, some have other contexts,
	// and it is not known which.
	calls := waits.Calls("Context")
	if name != "Context" {
		if own := waits.Calls(name); len(own) > 0 {
			calls = append(own[:1:1], calls...)
		}
	}
	if len(calls) > 1+len(chain) {
		calls = calls[:1]
	}
	call := func(i int) string {
		if i < len(calls) {
			return calls[i]
		}
		return ""
	}
	ring := []waits.Wait{{Object: object.describe(), Call: call(0)}}
	for i := n - 1; i >= 0; i-- {
		// A job of several objects has waited for all of them; the first stands for them.
		ring = append(ring, waits.Wait{Object: chain[i][0].describe(), Call: call(i + 1)})
	}
	return &DeadlockError{Ring: ring}
}

// heldAlong returns the objects held along ctx.
func heldAlong(ctx context.Context) []member { return slices.Concat(chainAlong(ctx)...) }

// chainAlong returns the objects that each job of the chain holds, the innermost job's
// first.
func chainAlong(ctx context.Context) (chain [][]member) {
	for more := true; more; {
		j, ok := ctx.Value(jobContextKey{}).(link)
		if !ok {
			break
		}
		if objects := j.held(); len(objects) > 0 {
			chain = append(chain, objects)
		}
		ctx, more = j.outer()
	}
	return chain
}
