package conformance

// Feature is a part of the contract that an implementation claims or disclaims.
type Feature string

// Features that an implementation has unless it disclaims them.
const (
	FeatureCore      Feature = "core"      // order, execution, exclusion, memory; cannot be disclaimed
	FeatureUnbounded Feature = "unbounded" // Async never blocks and never refuses, however much is queued
	FeatureCaller    Feature = "caller"    // the job of Do runs on the calling goroutine
	FeatureParallel  Feature = "parallel"  // objects do not delay each other, with no pool to exhaust
	FeatureIdle      Feature = "idle"      // an idle object owns no goroutine and keeps no finished job
	FeaturePanics    Feature = "panics"    // a panic in Do reaches its caller, and the object goes on
	FeatureGoexit    Feature = "goexit"    // a background job may end its goroutine
	FeatureCrash     Feature = "crash"     // a panic in an Async job without a handler ends the process
)

// Features that an object has if it implements an interface.
const (
	FeatureFuture       Feature = "future"        // [Futurer]
	FeatureCancel       Feature = "cancel"        // [Canceler]
	FeatureCancelFuture Feature = "cancel-future" // [FutureCanceler]
	FeatureTry          Feature = "try"           // [Trier]
	FeatureAfter        Feature = "after"         // [Afterer]
	FeatureSuspend      Feature = "suspend"       // [Suspender]
	FeatureSeveral      Feature = "several"       // [MultiHolder]
	FeatureClose        Feature = "close"         // [Closer]
	FeaturePanicHandler Feature = "panic-handler" // [PanicPolicy]
)

// Features that an implementation has if [Factory.NewKeyed] is set, and what that makes
// implements an interface.
const (
	FeatureKeys         Feature = "keys"           // [Keyed]
	FeatureKeysEvict    Feature = "keys-evict"     // [KeyedEvictor]
	FeatureKeysDeleteIf Feature = "keys-delete-if" // [KeyedDecider]
	FeatureKeysPresent  Feature = "keys-present"   // [KeyedVisitor]
)

// Features returns all features, [FeatureCore] first.
func Features() []Feature {
	return []Feature{
		FeatureCore, FeatureUnbounded, FeatureCaller, FeatureParallel, FeatureIdle, FeaturePanics, FeatureGoexit, FeatureCrash,
		FeatureFuture, FeatureCancel, FeatureCancelFuture, FeatureTry, FeatureAfter, FeatureSuspend, FeatureSeveral, FeatureClose, FeaturePanicHandler,
		FeatureKeys, FeatureKeysEvict, FeatureKeysDeleteIf, FeatureKeysPresent,
	}
}

// Claim says whether an implementation has a feature. The zero Claim says nothing.
type Claim struct {
	known  bool
	reason string
}

// Supported claims a feature: its rules are checked.
func Supported() Claim { return Claim{known: true} }

// Unsupported says that the implementation does not have a feature, and why: the
// reason is best what its documentation says. The rules of the feature are not checked,
// and their verdict is "unsupported". It panics if the reason is empty.
func Unsupported(reason string) Claim {
	if reason == "" {
		panic("conformance: Unsupported needs a reason")
	}
	return Claim{known: true, reason: reason}
}

// Supported reports whether the claim is that the feature is there.
func (c Claim) Supported() bool { return c.known && c.reason == "" }

// Reason returns why the feature is disclaimed, or "".
func (c Claim) Reason() string { return c.reason }

// byInterface reports whether the feature is an interface, of the object or of a Keyed.
func (f Feature) byInterface() bool {
	if f.ofKeyed() {
		return true
	}
	switch f {
	case FeatureFuture, FeatureCancel, FeatureCancelFuture, FeatureTry, FeatureAfter, FeatureSuspend, FeatureSeveral, FeatureClose, FeaturePanicHandler:
		return true
	}
	return false
}

// A claimant is an object that has the methods of all features, and knows which count.
type claimant interface{ has(f Feature) bool }

// implementedBy reports whether o has the methods of a feature with an interface.
func (f Feature) implementedBy(o Object) bool {
	if c, ok := o.(claimant); ok {
		return c.has(f)
	}
	switch f {
	case FeatureFuture:
		_, ok := o.(Futurer)
		return ok
	case FeatureCancel:
		_, ok := o.(Canceler)
		return ok
	case FeatureCancelFuture:
		_, ok := o.(FutureCanceler)
		return ok
	case FeatureTry:
		_, ok := o.(Trier)
		return ok
	case FeatureAfter:
		_, ok := o.(Afterer)
		return ok
	case FeatureSuspend:
		_, ok := o.(Suspender)
		return ok
	case FeatureSeveral:
		_, ok := o.(MultiHolder)
		return ok
	case FeatureClose:
		_, ok := o.(Closer)
		return ok
	case FeaturePanicHandler:
		_, ok := o.(PanicPolicy)
		return ok
	}
	return false
}
