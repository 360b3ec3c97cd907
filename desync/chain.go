package desync

import (
	"context"
	"slices"

	"github.com/go-desync/go-desync/futures/waits"
)

// A holding is the context of a job: it says which object the job holds. The
// holdings that a context is derived from are the chain of objects held along it.
//
// It is the one allocation of a Context call on an idle object, of 32 bytes. It cannot be
// reused, because the job may have derived contexts from it that outlive the call.
type holding[T any] struct {
	context.Context
	object *Desync[T]
	first  bool // no job further up the chain waits for this one
	over   flag // the job has ended; its context may live on
}

type holdingKey struct{}

func (h *holding[T]) Value(key any) any {
	if key == (holdingKey{}) {
		return h
	}
	return h.Context.Value(key)
}

// A link is a *holding[T] whose T does not matter.
type link interface {
	held() (object member, over bool)
	outer() (ctx context.Context, ok bool)
}

func (h *holding[T]) held() (object member, over bool)      { return h.object, h.over.isSet() }
func (h *holding[T]) outer() (ctx context.Context, ok bool) { return h.Context, !h.first }

// ringAlong returns a DeadlockError if object is held along ctx, for a call whose name
// contains name.
func ringAlong(ctx context.Context, object member, name string) error {
	chain := holdingsOf(ctx)
	n := slices.IndexFunc(chain, func(m member) bool { return m.base() == object.base() })
	if n < 0 {
		return nil
	}
	// This call is the innermost on the stack. Then come those of the chain that this
	// goroutine has made. If there are more, some have other contexts, and it is not
	// known which.
	places := waits.Calls("Context")
	if name != "Context" {
		places = append(waits.Calls(name)[:1:1], places...)
	}
	if len(places) > 1+len(chain) {
		places = places[:1]
	}
	place := func(i int) string {
		if i < len(places) {
			return places[i]
		}
		return ""
	}
	ring := []waits.Wait{{Object: object.describe(), Call: place(0)}}
	for i := n - 1; i >= 0; i-- {
		ring = append(ring, waits.Wait{Object: chain[i].describe(), Call: place(i + 1)})
	}
	return &DeadlockError{Ring: ring}
}

// holdingsOf returns the objects held along ctx, innermost first.
func holdingsOf(ctx context.Context) (chain []member) {
	for more := true; more; {
		h, ok := ctx.Value(holdingKey{}).(link)
		if !ok {
			break
		}
		if object, over := h.held(); !over {
			chain = append(chain, object)
		}
		ctx, more = h.outer()
	}
	return chain
}
