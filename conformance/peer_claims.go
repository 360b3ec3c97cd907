package conformance

import "context"

// has reports whether the peer claims a feature. One call of each shows whether it knows
// them.
func (r *remoteObject) has(f Feature) bool {
	if f.ofKeyed() || r.c.claims[string(f)] != "yes" {
		return false
	}
	r.tryFeature(f)
	return true
}

// tryFeature makes the calls of a feature once. A peer that does not know them says so.
func (r *remoteObject) tryFeature(f Feature) {
	nothing, zero := func(*State) {}, func(*State) int { return 0 }
	ctx := context.Background()
	switch f {
	case FeatureFuture:
		_, _ = r.Future(zero)(ctx)
	case FeatureCancel:
		_ = r.DoContext(ctx, nothing)
	case FeatureCancelFuture:
		_, _ = r.FutureContext(ctx, zero)(ctx)
	case FeatureTry:
		r.TryDo(nothing)
	case FeatureAfter:
		settle, wait := r.After(func(*State, int, error) int { return 0 })
		settle(1, nil)
		_, _ = wait(ctx)
	case FeatureSuspend:
		r.Suspend()()
	case FeatureSeveral:
		if other, err := r.c.object(); err == nil {
			r.DoAll([]Object{other}, func([]*State) {})
		}
	case FeatureClose:
		r.Submit(nothing)
		r.Close()
		// Later features need an object that is open.
		if fresh, err := r.c.object(); err == nil {
			r.o = fresh.(*remoteObject).o
		}
	case FeaturePanicHandler:
		r.OnPanic(func(any) {})
	}
}
