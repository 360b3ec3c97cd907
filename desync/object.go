package desync

import (
	"context"
	"fmt"

	"github.com/go-desync/go-desync/futures/waits"
)

// An Object is a *[Desync] or a [Key] of a [Map], with data of type T. It is for code that
// takes both, and objects of both kinds are told apart by nothing else: [Sync2] and
// [DoAll] hold plain objects and keys together. No other type can implement it.
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

	hold() hold[T]
}

var (
	_ Object[int] = (*Desync[int])(nil)
	_ Object[int] = Key[string, int]{}
)

// A hold is what a call for an object of any kind works with. An object of a map is
// pinned until letGo.
type hold[T any] struct {
	member        // the object; nil if it is a nil *Desync
	core   *core  // that of the member
	data   *T     // to be read in the turn, after ready
	pinned pinned // the entry of the member; nil if it is none of a map
}

// pinned is an *entry, which has been pinned.
type pinned interface {
	ready()
	unpin()
}

// ready makes sure that there is a value. It is called in a job.
func (e *entry[K, T]) ready() { e.value() }

func (d *Desync[T]) hold() hold[T] {
	if d == nil {
		return hold[T]{}
	}
	return hold[T]{d, &d.core, &d.data, nil}
}

func (k Key[K, T]) hold() hold[T] {
	e := k.m.pin(k.key)
	return hold[T]{&e.object, &e.object.core, &e.object.data.value, e}
}

// holdOf is o.hold for an o that may be nil. If o is nil, so is the member.
func holdOf[O Object[T], T any](o O) hold[T] {
	if any(o) == nil {
		return hold[T]{}
	}
	return o.hold()
}

func (h *hold[T]) ready() *T {
	if h.pinned != nil {
		h.pinned.ready()
	}
	return h.data
}

func (h *hold[T]) letGo() {
	if h.pinned != nil {
		h.pinned.unpin()
	}
}

func (h *hold[T]) acquire() {
	if !h.core.take() {
		h.acquireSlow()
	} else if watching {
		waits.Hold(object(h.member))
	}
}

func (h *hold[T]) release() {
	if !h.core.leave() {
		h.releaseSlow()
	}
}

// Sync1 is [Desync.Sync] on an object that may be a plain one or a key, as [Sync2] is for
// two: the job costs what it costs on the object itself.
//
// Sync1 panics if the object or job is nil.
func Sync1[O Object[T], T, R any](object O, job func(data *T) R) (result R) {
	h := holdOf(object)
	defer h.letGo()
	if h.member == nil || job == nil {
		panic("desync: Sync1: the object and the job must not be nil")
	}
	if !h.core.cfg.observed() {
		h.acquire()
		defer h.release()
		return job(h.ready())
	}
	r := h.record()
	defer r.tell()
	h.acquire()
	defer h.release()
	defer r.unwound()
	r.start()
	result = job(h.ready())
	r.end(OutcomeReturned)
	return result
}
