// Package reference has three correct implementations of the contract. They are
// the suite's controls: what fails on one of them is a false alarm.
//
// They share nothing but the type of a future's result, so that no two of them can
// be wrong for the same reason.
package reference

import "github.com/go-desync/go-desync/conformance"

// Factories returns the three implementations.
func Factories() []conformance.Factory {
	return []conformance.Factory{MutexDeque(), Actor(), Tickets()}
}
