package pipe

import (
	"iter"
)

// Values returns the values of seq up to its first error. When the loop ends, *err is
// that error, or nil. So the results of a stage can be passed to functions that take an
// iterator without errors, such as those of package slices:
//
//	var err error
//	words := slices.Collect(pipe.Values(stage.All(), &err))
//
// If the loop breaks, *err is nil. Values panics if seq or err is nil.
func Values[V any](seq iter.Seq2[V, error], err *error) iter.Seq[V] {
	if seq == nil || err == nil {
		panic("pipe: Values: the sequence and the pointer to the error must not be nil")
	}
	return func(yield func(V) bool) {
		*err = nil
		for v, e := range seq {
			if e != nil {
				*err = e
				return
			}
			if !yield(v) {
				return
			}
		}
	}
}
