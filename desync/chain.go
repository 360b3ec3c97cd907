package desync

import (
	"context"
	"slices"

	"github.com/go-desync/go-desync/futures/waits"
)

// A jobContext is the context of a job. It records which object the job holds. A context
// may be derived from several jobContexts; their objects are the chain held along it.
//
// It is the one allocation of a Context call on an idle object, of 32 bytes. It cannot be
// reused, because the job may have derived contexts from it that outlive the call.
type jobContext[T any] struct {
	context.Context
	object *Desync[T]
	first  bool // no job further up the chain waits for this one
	over   mark // the job has ended, though its context may still be in use
}

type jobContextKey struct{}

func (j *jobContext[T]) Value(key any) any {
	if key == (jobContextKey{}) {
		return j
	}
	return j.Context.Value(key)
}

// A link is a *jobContext[T] of any T.
type link interface {
	held() (object member, over bool)
	outer() (ctx context.Context, ok bool)
}

func (j *jobContext[T]) held() (object member, over bool)      { return j.object, j.over.isSet() }
func (j *jobContext[T]) outer() (ctx context.Context, ok bool) { return j.Context, !j.first }

// ringAlong returns a DeadlockError if object is held along ctx, for a call whose name
// contains name.
func ringAlong(ctx context.Context, object member, name string) error {
	chain := heldAlong(ctx)
	n := slices.IndexFunc(chain, func(m member) bool { return m.base() == object.base() })
	if n < 0 {
		return nil
	}
	// This call is the innermost on the stack. Then come the calls of the chain that this
	// goroutine has made. If there are more calls on the stack, some have other contexts,
	// and it is not known which.
	calls := waits.Calls("Context")
	if name != "Context" {
		calls = append(waits.Calls(name)[:1:1], calls...)
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
		ring = append(ring, waits.Wait{Object: chain[i].describe(), Call: call(i + 1)})
	}
	return &DeadlockError{Ring: ring}
}

// heldAlong returns the objects held along ctx, innermost first.
func heldAlong(ctx context.Context) (chain []member) {
	for more := true; more; {
		j, ok := ctx.Value(jobContextKey{}).(link)
		if !ok {
			break
		}
		if object, over := j.held(); !over {
			chain = append(chain, object)
		}
		ctx, more = j.outer()
	}
	return chain
}
