package pipe

import (
	"context"
	"fmt"
	"iter"
)

// A Source is where items come from: a channel, which ends when it is closed; an
// iterator; an iterator of values and errors, as some packages return; or another stage.
//
// A source is used on one goroutine that a pipe starts, and only when there is room for
// an item. When the pipe stops, a wait for a channel or a stage ends at once. An iterator
// finds out when it yields, as with a loop that breaks. An iterator that may wait for
// long must watch the context itself, because the pipe waits until it returns.
//
// An error of the source takes the place of its item: no job is run for it.
type Source[V any] interface {
	chan V | <-chan V |
		iter.Seq[V] | func(yield func(V) bool) |
		iter.Seq2[V, error] | func(yield func(V, error) bool) |
		*Stage[V]
}

// A feed gives the items of a source, in order, until there are no more, give returns
// false or ctx ends. It reports whether there are no more, and how many items were taken
// from the first source but did not reach give.
type feed[V any] func(ctx context.Context, give func(V, error) bool) (exhausted bool, left int)

// feedOf returns the feed of src, or nil if src is nil.
func feedOf[V any, S Source[V]](src S) feed[V] {
	switch src := any(src).(type) {
	case chan V:
		return feedChan[V](src)
	case <-chan V:
		return feedChan(src)
	case iter.Seq[V]:
		return feedSeq(src)
	case func(yield func(V) bool):
		return feedSeq(src)
	case iter.Seq2[V, error]:
		return feedSeq2(src)
	case func(yield func(V, error) bool):
		return feedSeq2(src)
	case *Stage[V]:
		if src != nil {
			return src.run
		}
	}
	return nil
}

func feedChan[V any](c <-chan V) feed[V] {
	if c == nil {
		return nil
	}
	return func(ctx context.Context, give func(V, error) bool) (bool, int) {
		for {
			var v V
			var ok bool
			select {
			case v, ok = <-c: // cheaper than the select of both
			default:
				select {
				case v, ok = <-c:
				case <-ctx.Done():
					return false, 0
				}
			}
			if !ok {
				return true, 0
			}
			if !give(v, nil) {
				return false, 0
			}
		}
	}
}

func feedSeq[V any](seq iter.Seq[V]) feed[V] {
	if seq == nil {
		return nil
	}
	return func(_ context.Context, give func(V, error) bool) (bool, int) {
		for v := range seq {
			if !give(v, nil) {
				return false, 0
			}
		}
		return true, 0
	}
}

func feedSeq2[V any](seq iter.Seq2[V, error]) feed[V] {
	if seq == nil {
		return nil
	}
	return func(_ context.Context, give func(V, error) bool) (bool, int) {
		for v, err := range seq {
			if !give(v, err) {
				return false, 0
			}
		}
		return true, 0
	}
}

// check panics if an argument that every pipe has is not valid.
func check(name string, ctx context.Context, object, source, fn bool, depth int) {
	complain := func(what string) { panic("pipe: " + name + ": " + what) }
	switch {
	case ctx == nil:
		complain("the context is nil")
	case !object:
		complain("the object is nil")
	case !source:
		complain("the source is nil")
	case !fn:
		complain("the function is nil")
	case depth <= 0:
		complain(fmt.Sprintf("the depth is %d; it must be at least 1", depth))
	}
}
