package conformance

import "time"

// Keyed is what [Factory.NewKeyed] makes, with [FeatureKeys]: a table of objects, one for
// each key. All methods may be called from any goroutine.
type Keyed interface {
	// At returns the object of a key. The State is made when the first job of the key
	// runs. Two calls may return different values that stand for one object.
	At(key int) Object

	// Delete takes a place among the jobs of the key, at which its State is removed, and
	// returns at once. Jobs behind it find a new State.
	Delete(key int)

	// Len returns for how many keys there is a State, or a job. It waits for nothing.
	Len() int
}

// KeyedEvictor is a Keyed with [FeatureKeysEvict].
type KeyedEvictor interface {
	// EvictIdle makes the table remove each State that has not been used for the time after,
	// or somewhat longer. Before that it calls evicted with it, as a job of the key's
	// object. If evicted returns an error, the State stays, and the table tries again later.
	// The suite calls EvictIdle once, before the first job.
	EvictIdle(after time.Duration, evicted func(key int, s *State) error)
}

// KeyedDecider is a Keyed with [FeatureKeysDeleteIf].
type KeyedDecider interface {
	// DeleteIf is a Do on the object of a key, if the key has a State when its turn comes.
	// If job returns true, the State is removed: what is queued behind finds a new one.
	// DeleteIf reports whether that was so.
	DeleteIf(key int, job func(*State) bool) (deleted bool)
}

// KeyedVisitor is a Keyed with [FeatureKeysPresent].
type KeyedVisitor interface {
	// DoIfPresent is a Do on the object of a key, if the key has a State when its turn comes.
	// It makes none, and reports whether the job ran.
	DoIfPresent(key int, job func(*State)) (ran bool)
}

// ofKeyed reports whether a feature is that of a Keyed.
func (f Feature) ofKeyed() bool {
	return f == FeatureKeys || f == FeatureKeysEvict || f == FeatureKeysDeleteIf || f == FeatureKeysPresent
}

// implementedByKeyed reports whether k has the methods of a feature. It may be nil.
func (f Feature) implementedByKeyed(k Keyed) (ok bool) {
	switch f {
	case FeatureKeysEvict:
		_, ok = k.(KeyedEvictor)
	case FeatureKeysDeleteIf:
		_, ok = k.(KeyedDecider)
	case FeatureKeysPresent:
		_, ok = k.(KeyedVisitor)
	default:
		ok = k != nil
	}
	return ok
}
