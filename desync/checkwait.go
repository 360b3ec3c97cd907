package desync

import "context"

// CheckWait returns a [*DeadlockError] if the context ctx was given to a job that holds object,
// or is derived from such a context, and otherwise nil. It is for packages whose calls wait for
// jobs of others, as the Context variants check before they wait: a goroutine that does the
// work of a job must not wait for another job of the same object. Builds that watch all waits
// find more; see package waits of the module futures.
//
// CheckWait does not wait, and makes no value for a key. It panics if ctx or object is nil.
func CheckWait[O Object[T], T any](ctx context.Context, object O) error {
	if ctx == nil || any(object) == nil || any(object) == any((*Desync[T])(nil)) {
		panic("desync: CheckWait: the context and the object must not be nil")
	}
	if _, ok := ctx.Value(jobContextKey{}).(link); !ok {
		return nil
	}
	h := holdOf(object)
	defer h.letGo()
	return ringAlong(ctx, h.member(), "")
}
