//go:build desynchooks

package desync

// atPoint is set by the tests of interleavings before any object is used.
var atPoint = func(point) {}

func at(p point) { atPoint(p) }
