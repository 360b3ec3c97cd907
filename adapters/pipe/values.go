package pipe

import (
	"iter"
)

// Values returns the values of seq up to its first error. The error, or nil, is in
// *err when the loop is over. It makes an iterator for functions that know of no
// errors, such as those of package slices, of the results of a stage:
//
//	var err error
//	words := slices.Collect(pipe.Values(stage.All(), &err))
//
// A loop that breaks leaves nil in *err. Values panics if seq or err is nil.
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
