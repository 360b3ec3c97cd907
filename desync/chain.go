package desync

import (
	"context"
	"slices"

	"github.com/go-desync/go-desync/futures/waits"
)

// A jobContext is the context of a job: it says which object the job holds. The
// jobContexts that a context is derived from are the chain of objects held along it.
//
// It is the one allocation of a Context call on an idle object. It cannot be
// reused, because the job may have derived contexts from it that outlive the call.
type jobContext struct {
	context.Context
	object member
	first  bool    // no job further up the chain waits for this one
	over   counter // not 0: the job has ended; its context may live on
}

type jobContextKey struct{}

func (j *jobContext) Value(key any) any {
	if key == (jobContextKey{}) {
		return j
	}
	return j.Context.Value(key)
}

// ringAlong returns a DeadlockError if object is held along ctx, for a call whose name
// contains name.
func ringAlong(ctx context.Context, object member, name string) error {
	chain := heldAlong(ctx)
	n := slices.IndexFunc(chain, func(m member) bool { return m.base() == object.base() })
	if n < 0 {
		return nil
	}
	// This call is the innermost on the stack. Then come those of the chain that this
	// goroutine has made. If there are more, some have other contexts, and it is not
	// known which.
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
	for {
		j, _ := ctx.Value(jobContextKey{}).(*jobContext)
		if j == nil {
			return chain
		}
		if j.over.load() == 0 {
			chain = append(chain, j.object)
		}
		if j.first {
			return chain
		}
		ctx = j.Context
	}
}
