// Package matrix runs the suite on its mutants and says which rule found which:
// the kill matrix, MUTANTS.md.
package matrix
