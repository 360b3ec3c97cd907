// Package mutant has implementations of the contract that are broken on purpose,
// to test the suite: a rule must find the mutants that it names.
//
// They are one implementation with one switch each. Without a switch it is correct,
// which [Base] is there to show. Where it is enough to put another function in the place
// of a call, that is the switch; see shell.go.
//
// Many have a parameter: a size (N), a time (T), or how long a window is open (W). The
// seed of a run draws it.
package mutant
