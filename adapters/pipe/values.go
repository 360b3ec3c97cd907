package pipe

import (
	"iter"

	"github.com/go-desync/go-desync/futures"
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

// ToChan returns a channel that gets f's result when f has settled and is then closed,
// for use in a select statement or where a channel is needed. No goroutine waits
// meanwhile, and none is left if the result is not received.
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
