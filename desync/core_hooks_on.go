//go:build desynchooks

package desync

// atPoint is set by the tests of interleavings before any object is used.
var atPoint = func(point) {}

func at(p point) { atPoint(p) }

// few is smaller than in a user's build, so that short scripts reach compact.
const few = 0
