package conformance

// Implementation says what is under test, for reports.
type Implementation struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
	URL     string `json:"url,omitempty"`
}

// Setup is what the suite passes to [Factory].New about the object that it wants. An
// implementation may ignore all of it.
type Setup struct {
	Name string                           // for the object's diagnostics
	Seed uint64                           // for an object which makes random choices
	Logf func(format string, args ...any) // writes to the log of the run
}

// Factory describes an implementation and makes its objects.
type Factory struct {
	Info Implementation

	// New returns a fresh object, independent of all others, at each call. It
	// may be called from any goroutine.
	New func(Setup) (Object, error)

	// NewKeyed returns a fresh table of objects by key, independent of all others, at each
	// call. It is nil if the implementation does not have [FeatureKeys].
	NewKeyed func(Setup) (Keyed, error)

	// Features says which parts of the contract the implementation claims.
	//
	// A feature that is an interface ([FeatureFuture], [FeatureCancel], ...) counts as
	// claimed only if it is listed as Supported, and the object must have its
	// methods exactly then: anything else is a failure of rule META-1.
	//
	// The features without an interface ([FeatureUnbounded], [FeatureCaller], ...)
	// count as claimed unless they are listed as Unsupported, and [FeatureCore] always.
	Features map[Feature]Claim

	// LeakIgnore names functions, as they stand in a stack trace, whose
	// goroutines belong to a pool that outlives the objects.
	LeakIgnore []string
}

// claimOf returns what f says about a feature, with the defaults filled in.
func (f Factory) claimOf(feature Feature) Claim {
	if c := f.Features[feature]; c.known && feature != FeatureCore {
		return c
	}
	if feature.byInterface() {
		return Unsupported("not claimed")
	}
	return Supported()
}
