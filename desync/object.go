package desync

import (
	"context"
	"fmt"
)

// An Object is a *[Desync] or a [Key] of a [Map], with data of type T. It is for code that
// takes both, and objects of both kinds are told apart by nothing else: [Sync2], [DoAll]
// and their like hold plain objects and keys together. No other type can implement it.
//
// Only methods without type parameters of their own can be in an interface. [Sync1] is
// Sync for any Object. A Do by the interface also costs two allocations, since the compiler
// does not know what becomes of the job; a Sync1 does not.
type Object[T any] interface {
	Async(job func(data *T))
	Do(job func(data *T))
	TryDo(job func(data *T)) bool
	DoContext(ctx context.Context, job func(ctx context.Context, data *T) error) error
	Submit(job Job[T]) (stop func() bool)
	Suspend() (resume func())
	Pending() int
	fmt.Stringer

	// One of the two is nil: the object itself if it is a *Desync, which may be nil too, and
	// the entry of a key, pinned.
	plain() *Desync[T]
	pinned() pinned[T]
}

var (
	_ Object[int] = (*Desync[int])(nil)
	_ Object[int] = Key[string, int]{}
)

// pinned is the *entry of a key, with the type of the key left out.
type pinned[T any] interface {
	member() member
	base() *core
	value() *T // called in a job, as the next is
	valueContext(ctx context.Context) (*T, error)
	unpin()
}

func (e *entry[K, T]) member() member { return e.object() }
func (e *entry[K, T]) base() *core    { return &e.core }

func (d *Desync[T]) plain() *Desync[T] { return d }
func (d *Desync[T]) pinned() pinned[T] { return nil }
func (k Key[K, T]) plain() *Desync[T]  { return nil }
func (k Key[K, T]) pinned() pinned[T]  { return k.m.pin(k.key) }

// A hold is an object that a call is about to use: a plain one, which is not called by an
// interface, or a key, which is pinned until letGo. The hold of nil has neither.
type hold[T any] struct {
	plain *Desync[T]
	key   pinned[T]
}

func holdOf[O Object[T], T any](o O) hold[T] {
	d := plainOf(o)
	if d != nil || any(o) == nil {
		return hold[T]{plain: d}
	}
	return hold[T]{key: o.pinned()}
}

// plainOf returns o if it is a *Desync, or else nil. It does not assert that any(o) is one,
// since a Key would then be allocated.
func plainOf[O Object[T], T any](o O) *Desync[T] {
	if any(o) == nil {
		return nil
	}
	return o.plain()
}

func (h *hold[T]) isNil() bool { return h.plain == nil && h.key == nil }

func (h *hold[T]) member() member {
	if h.plain != nil {
		return h.plain
	}
	return h.key.member()
}

func (h *hold[T]) core() *core {
	if h.plain != nil {
		return &h.plain.core
	}
	return h.key.base()
}

// take takes the turn if the object is idle and not observed, and reports whether it did.
func (h *hold[T]) take() bool {
	c := h.core()
	return !c.cfg.observed() && c.take()
}

// value is called in the turn. It makes the value of a key that has none.
func (h *hold[T]) value() *T {
	if h.plain != nil {
		return &h.plain.data
	}
	return h.key.value()
}

// valueContext is value for a call that can report why the value could not be made. ctx is
// that of the job; it is context.Background if the call has none.
func (h *hold[T]) valueContext(ctx context.Context) (*T, error) {
	if h.plain != nil {
		return &h.plain.data, nil
	}
	return h.key.valueContext(ctx)
}

func (h *hold[T]) release() {
	if h.plain != nil {
		h.plain.release()
	} else {
		h.key.member().release()
	}
}

func (h *hold[T]) letGo() {
	if h.key != nil {
		h.key.unpin()
	}
}

// Sync1 is [Desync.Sync] on an object that may be a plain one or a key, as [Sync2] is for
// two: the job costs what it costs on the object itself.
//
// Sync1 panics if the object or job is nil.
func Sync1[O Object[T], T, R any](object O, job func(data *T) R) (result R) {
	h := holdOf(object)
	defer h.letGo()
	if h.isNil() || job == nil {
		panic("desync: Sync1: the object and the job must not be nil")
	}
	if h.plain != nil {
		return h.plain.Sync(job)
	}
	m := h.key.member()
	if !m.base().cfg.observed() {
		m.acquire()
		defer m.release()
		return job(h.key.value())
	}
	r := m.record(made{call: CallDo})
	defer r.tell()
	waited := m.acquire()
	defer m.release()
	defer r.unwound()
	r.start(arrived(waited))
	result = job(h.key.value())
	r.end(OutcomeReturned)
	return result
}
