package pipe

import (
	"iter"

	"github.com/go-desync/go-desync/futures"
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

// ToChan returns a channel that gets f's result when f has settled and is then
// closed, for use in a select statement or where a channel is asked for. No
// goroutine waits meanwhile, and none is left if nobody receives.
//
// ToChan does not block. It panics if f is nil.
func ToChan[V any](f *futures.Future[V]) <-chan futures.Result[V] {
	if f == nil {
		panic("pipe: ToChan: the future is nil")
	}
	c := make(chan futures.Result[V], 1)
	f.AfterFunc(func(v V, err error) {
		c <- futures.Result[V]{Value: v, Err: err}
		close(c)
	})
	return c
}
