package desync

import "context"

// NewMapContext is [NewMap] with a function that may fail and that may be canceled: one that
// loads values, for example. It gets the context of the call for whose job it makes the value,
// or one derived from [context.Background] if the call has no context. That context records,
// as that of a job of [Desync.DoContext], that the key is held.
//
// If newValue returns an error, the job does not run, nothing is kept, and the next job for
// the key tries again. Who made the call gets a [*ValueError], which wraps the error:
//
//   - Calls that return an error, such as [Key.DoContext], return it.
//   - Futures fail with it.
//   - Do, Sync, TryDo, TrySync, [Sync1], [Sync2] and [DoAll] panic with it.
//   - For Async and Submit, failed is called with the key and with what newValue has returned,
//     on a new goroutine that holds nothing. Ended of [Key.Submit] is called with the
//     ValueError. A panic in failed ends the process. A job that must not be lost is better
//     handed over by [Key.Future].
//
// A panic of newValue is no error: it is handled as with NewMap.
//
// NewMapContext panics if newValue or failed is nil.
func NewMapContext[K comparable, T any](newValue func(ctx context.Context, key K) (T, error), failed func(key K, err error), opts ...Option) *Map[K, T] {
	switch {
	case newValue == nil:
		panic("desync: NewMapContext: the function that makes values is nil")
	case failed == nil:
		panic("desync: NewMapContext: the function that is told of errors is nil; it is told when the value for an Async cannot be made")
	}
	return newMap(newValue, failed, opts)
}

func newMap[K comparable, T any](newValue func(context.Context, K) (T, error), failed func(K, error), opts []Option) *Map[K, T] {
	m := &Map[K, T]{newValue: newValue, failed: failed}
	m.entries.init()
	if len(opts) > 0 {
		m.config = new(config)
		for _, o := range opts {
			o(m.config)
		}
	}
	return m
}

// These are called in a job, and return the entry's value. They make it if there is none.

// value panics with the error if the value cannot be made.
func (e *entry[K, T]) value() *T {
	if !e.live() {
		if err := e.makeValue(context.Background()); err != nil {
			panic(err)
		}
	}
	return &e.data.value
}

func (e *entry[K, T]) valueContext(ctx context.Context) (*T, error) {
	if !e.live() {
		if err := e.makeValue(ctx); err != nil {
			return nil, err
		}
	}
	return &e.data.value, nil
}

// valueAsync returns nil if the value cannot be made, and tells the handler.
func (e *entry[K, T]) valueAsync() *T {
	if !e.live() {
		if err := e.makeValue(context.Background()); err != nil {
			s := &e.data
			s.m.tell(s.m.failed, s.key, err.(*ValueError).Err)
			return nil
		}
	}
	return &e.data.value
}

func (e *entry[K, T]) makeValue(ctx context.Context) error {
	s := &e.data
	// The function of NewMap needs no context, and a job that has one holds the key along it.
	switch ctx.(type) {
	case *jobContext[slot[K, T]], *firstContext[slot[K, T]], *backgroundContext[slot[K, T]]:
	default:
		if s.m.failed != nil {
			j := &jobContext[slot[K, T]]{Context: ctx}
			j.object.begin(e.object())
			defer j.object.end()
			ctx = j
		}
	}
	v, err := s.m.newValue(ctx, s.key)
	if err != nil {
		object, key := s.identity(s.m.config)
		return &ValueError{Object: object, Key: key, Err: err}
	}
	s.value = v
	e.data.pins.Add(hasValue)
	return nil
}
