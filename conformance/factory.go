package conformance

// Implementation says what is under test, for reports.
type Implementation struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
	URL     string `json:"url,omitempty"`
}

// Env is what the suite tells a new object about itself. An implementation may
// ignore all of it.
type Env struct {
	Name string                           // for the object's diagnostics
	Seed uint64                           // for an object which makes random choices
	Logf func(format string, args ...any) // writes to the log of the run
}

// Factory describes an implementation and makes its objects.
type Factory struct {
	Info Implementation

	// New returns a fresh object, independent of all others, at each call. It
	// may be called from any goroutine.
	New func(Env) (Object, error)

	// Features says which parts of the contract the implementation claims.
	//
	// A feature that is an interface ([Future], [Cancel], [Try], ...) counts as
	// claimed only if it is listed as Supported, and the object must have its
	// methods exactly then: anything else is a failure of rule META-1.
	//
	// The features without an interface ([Unbounded], [Caller], [Parallel], ...)
	// count as claimed unless they are listed as Unsupported, and [Core] always.
	Features map[Feature]Claim

	// LeakIgnore names functions, as they stand in a stack trace, whose
	// goroutines belong to a pool that outlives the objects.
	LeakIgnore []string
}

// Feature is a part of the contract that an implementation claims or disclaims.
type Feature string

// Features that an implementation has unless it disclaims them.
const (
	Core      Feature = "core"      // order, execution, exclusion, memory; cannot be disclaimed
	Unbounded Feature = "unbounded" // Async never blocks and never refuses, however much is queued
	Caller    Feature = "caller"    // the job of Do runs on the calling goroutine
	Parallel  Feature = "parallel"  // objects do not delay each other, with no pool to exhaust
	Idle      Feature = "idle"      // an idle object owns no goroutine and keeps no finished job
	Panics    Feature = "panics"    // a panic in Do reaches its caller, and the object goes on
	Goexit    Feature = "goexit"    // a background job may end its goroutine
	Crash     Feature = "crash"     // a panic in an Async job without a handler ends the process
)

// Features that an object has if it implements an interface.
const (
	Future       Feature = "future"        // [Futurer]
	Cancel       Feature = "cancel"        // [Canceller]
	CancelFuture Feature = "cancel-future" // [FutureCanceller]
	Try          Feature = "try"           // [Trier]
	After        Feature = "after"         // [Afterer]
	Suspend      Feature = "suspend"       // [Suspender]
	Several      Feature = "several"       // [MultiHolder]
	Close        Feature = "close"         // [Closer]
	PanicHandler Feature = "panic-handler" // [PanicPolicy]
)

// Features returns all features, [Core] first.
func Features() []Feature {
	return []Feature{
		Core, Unbounded, Caller, Parallel, Idle, Panics, Goexit, Crash,
		Future, Cancel, CancelFuture, Try, After, Suspend, Several, Close, PanicHandler,
	}
}

// Claim says whether an implementation has a feature. The zero Claim says nothing.
type Claim struct {
	known  bool
	reason string
}

// Supported claims a feature: its rules are checked.
var Supported = Claim{known: true}

// Unsupported disclaims a feature. Its rules are not checked and read
// "unsupported", with the reason: what the implementation's documentation says.
// It panics if the reason is empty.
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

// claimOf returns what f says about a feature, with the defaults filled in.
func (f Factory) claimOf(feature Feature) Claim {
	if c := f.Features[feature]; c.known && feature != Core {
		return c
	}
	if feature.byInterface() {
		return Unsupported("not claimed")
	}
	return Supported
}

// byInterface reports whether the feature is an interface of the object.
func (f Feature) byInterface() bool {
	switch f {
	case Future, Cancel, CancelFuture, Try, After, Suspend, Several, Close, PanicHandler:
		return true
	}
	return false
}

// implements reports whether o has the methods of a feature with an interface.
func (f Feature) implementedBy(o Object) bool {
	switch f {
	case Future:
		_, ok := o.(Futurer)
		return ok
	case Cancel:
		_, ok := o.(Canceller)
		return ok
	case CancelFuture:
		_, ok := o.(FutureCanceller)
		return ok
	case Try:
		_, ok := o.(Trier)
		return ok
	case After:
		_, ok := o.(Afterer)
		return ok
	case Suspend:
		_, ok := o.(Suspender)
		return ok
	case Several:
		_, ok := o.(MultiHolder)
		return ok
	case Close:
		_, ok := o.(Closer)
		return ok
	case PanicHandler:
		_, ok := o.(PanicPolicy)
		return ok
	}
	return false
}
