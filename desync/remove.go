package desync

import "sync/atomic"

// OnRemove makes the map give each value that goes away to remove first: to save it, for
// example, or to close what it has. This holds for [Map.Delete] and for eviction. remove is
// called in the turn of the key, and the value is removed when it has returned nil.
//
// If remove returns an error, panics or calls [runtime.Goexit], the value stays, with its key,
// and later jobs find it. The removal is tried again after a second, and then after pauses
// that double, up to five minutes. Retries that are due within a quarter of a second may be
// made together. A Delete is tried again until the value is gone, whoever uses it meanwhile.
// An eviction is given up when the key is used again, until it is idle again.
//
// failed is told of each error. It is called on a new goroutine and holds nothing, so it
// may use the map. A panic in it ends the process. A panic of remove is handled like that
// of a job of [Desync.Async]: it ends the process, or goes to the handler of
// [WithPanicHandler].
//
// [Key.DeleteIf] tells remove too, but removes the value whatever remove does. failed is told
// of an error; a panic goes to the caller.
//
// remove is part of a job of the key, so it must not wait for its own key. It may hand over
// jobs for the key, which find a new value if this one goes, and may use other keys. Calls for
// different keys may be made at the same time. One goroutine makes those for evictions, so a
// slow function delays further evictions, but no jobs of other keys.
//
// Another call of OnRemove replaces both functions. OnRemove panics if one of them is nil.
func (m *Map[K, T]) OnRemove(remove func(key K, data *T) error, failed func(key K, err error)) {
	m.mustBeMade()
	switch {
	case remove == nil:
		panic("desync: Map.OnRemove: the function that is given the values is nil")
	case failed == nil:
		panic("desync: Map.OnRemove: the function that is told of errors is nil")
	}
	m.removal.hook.Store(&hook[K, T]{remove, failed})
}

// A removal has what is needed to remove values.
type removal[K comparable, T any] struct {
	hook atomic.Pointer[hook[K, T]] // nil: values just go
	kept retries[K, T]
}

// A hook is the functions of an OnRemove.
type hook[K comparable, T any] struct {
	remove func(K, *T) error
	failed func(K, error)
}

// removeValue removes the value, unless the hook keeps it. It is called in a job, for an eviction
// or for a Delete.
func (e *entry[K, T]) removeValue(deleted bool) {
	s := &e.data
	h := s.m.removal.hook.Load()
	if h == nil || !e.live() {
		e.clear()
		return
	}
	kept := true
	defer func() { // also after a panic or Goexit
		if kept {
			s.m.removal.kept.keep(s.m, e, deleted)
		}
	}()
	if err := h.remove(s.key, &s.value); err != nil {
		s.m.tell(h.failed, s.key, err)
		return
	}
	kept = false
	e.clear()
}

// takeValue removes the value, and tells the hook. It is called in a job, for DeleteIf.
func (e *entry[K, T]) takeValue() {
	defer e.clear()
	s := &e.data
	if h := s.m.removal.hook.Load(); h != nil {
		if err := h.remove(s.key, &s.value); err != nil {
			s.m.tell(h.failed, s.key, err)
		}
	}
}

// tell tells a handler of an error. As for the handler of WithPanicHandler, the key goes on
// meanwhile.
func (m *Map[K, T]) tell(failed func(K, error), key K, err error) {
	go func() {
		m.config.label()
		failed(key, err)
	}()
}
