package desync

import (
	"context"
	"sync/atomic"
)

// A holding is the context of a job: it says which object the job holds. The
// holdings that a context is derived from are the chain of objects held along it.
//
// It is the one allocation of a Context call on an idle object. It cannot be
// reused, because the job may have derived contexts from it that outlive the call.
type holding struct {
	context.Context
	object member
	first  bool        // nothing further up is waiting for this job
	over   atomic.Bool // the job has ended; its context may live on
}

type holdingKey struct{}

func (h *holding) Value(key any) any {
	if key == (holdingKey{}) {
		return h
	}
	return h.Context.Value(key)
}

// ringAlong returns a DeadlockError if object is held along ctx.
func ringAlong(ctx context.Context, object member) error {
	var inner []member // the objects held inside object's job, innermost first
	for {
		h, _ := ctx.Value(holdingKey{}).(*holding)
		if h == nil {
			return nil
		}
		if !h.over.Load() {
			if h.object.base() == object.base() {
				break
			}
			inner = append(inner, h.object)
		}
		if h.first {
			return nil
		}
		ctx = h.Context
	}
	// The calls are on the stack, innermost first, as far as they are the calls of
	// this goroutine.
	places := callPlaces("Context")
	place := func(i int) string {
		if i < len(places) {
			return places[i]
		}
		return ""
	}
	ring := []Wait{{Object: object.describe(), Call: place(0)}}
	for i := len(inner) - 1; i >= 0; i-- {
		ring = append(ring, Wait{Object: inner[i].describe(), Call: place(i + 1)})
	}
	return &DeadlockError{Ring: ring}
}
