// Package mutant has implementations of the contract that are broken on purpose,
// to test the suite: a rule must find the mutants that it names.
//
// They are one implementation with one switch each. Without a switch it is correct,
// which [Base] is there to show.
package mutant
