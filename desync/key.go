package desync

import (
	"context"

	"github.com/go-desync/go-desync/futures"
)

// A Key is the object of a key of a [Map]; [Map.At] returns it. Its methods are those of
// [Desync], and what is said there holds here too, with the following for a key that the
// map has nothing for. Whatever takes a place in the queue makes the object, and the first
// job makes the value. [Key.Pending] and the methods that print make nothing.
//
// A Key is a small value, which may be copied, kept and compared: it is the map and the
// key, and is valid however often the value comes and goes. A key is in use, and so is
// neither removed nor idle, from the beginning of a call until that returns, or until its
// job in the background has ended, or the object that it holds is resumed.
//
// All methods but those that print panic if the key does not equal itself, like a
// floating-point NaN, since it could never be found again; if the key cannot be hashed;
// and if the Key is the zero Key, which has no map.
type Key[K comparable, T any] struct {
	m   *Map[K, T]
	key K
}

// At returns the object of key. It makes nothing, and does not allocate.
func (m *Map[K, T]) At(key K) Key[K, T] { return Key[K, T]{m, key} }

// Async is [Desync.Async].
func (k Key[K, T]) Async(job func(data *T)) {
	if job == nil {
		panic("desync: Key.Async: the job is nil")
	}
	e := k.m.pin(k.key)
	queued := false
	defer e.unpinUnless(&queued)
	if e.core.cfg.observed() {
		e.object().asyncFollowed(asyncOfKey[K, T](job).in(e), job)
	} else {
		e.object().submit(asyncOfKey[K, T](job))
	}
	queued = true
}

// asyncOfKey is the job of an Async. A function needs no allocation to be an entry of the
// queue, and finds its object there.
type asyncOfKey[K comparable, T any] func(*T)

var _ task[slot[int, int]] = asyncOfKey[int, int](nil)

func (job asyncOfKey[K, T]) run(d *Desync[slot[K, T]], _ bool) bool {
	e := (*entry[K, T])(d)
	defer e.unpinInTurn()
	if v := e.valueAsync(); v != nil {
		job(v)
	}
	return true
}

// in returns the job as one of e.
func (job asyncOfKey[K, T]) in(e *entry[K, T]) func(*slot[K, T]) {
	return func(*slot[K, T]) { job.run(e.object(), false) }
}

// async is Async of the object. code is the user's function, which job contains.
func (e *entry[K, T]) async(job func(*slot[K, T]), code any) {
	if e.core.cfg.observed() {
		e.object().asyncFollowed(job, code)
	} else {
		e.object().Async(job)
	}
}

// Do is [Desync.Do].
func (k Key[K, T]) Do(job func(data *T)) {
	if job == nil {
		panic("desync: Key.Do: the job is nil")
	}
	if e := k.m.take(k.key); e != nil {
		defer e.leave()
		job(e.value())
		return
	}
	k.doPinned(job)
}

// doPinned is Do in all states of the key.
func (k Key[K, T]) doPinned(job func(data *T)) {
	e := k.m.pin(k.key)
	defer e.unpin()
	e.object().Do(func(*slot[K, T]) { job(e.value()) })
}

// Sync is [Desync.Sync].
func (k Key[K, T]) Sync[R any](job func(data *T) R) R {
	if job == nil {
		panic("desync: Key.Sync: the job is nil")
	}
	if e := k.m.take(k.key); e != nil {
		defer e.leave()
		return job(e.value())
	}
	return k.syncPinned(job)
}

// syncPinned is Sync in all states of the key.
func (k Key[K, T]) syncPinned[R any](job func(data *T) R) R {
	e := k.m.pin(k.key)
	defer e.unpin()
	return e.object().Sync(func(*slot[K, T]) R { return job(e.value()) })
}

// TryDo is [Desync.TryDo]. A key that the map has nothing for is idle: the job runs, on a
// new value.
func (k Key[K, T]) TryDo(job func(data *T)) bool {
	if job == nil {
		panic("desync: Key.TryDo: the job is nil")
	}
	if e := k.m.take(k.key); e != nil {
		defer e.leave()
		job(e.value())
		return true
	}
	e := k.m.pin(k.key)
	defer e.unpin()
	return e.object().TryDo(func(*slot[K, T]) { job(e.value()) })
}

// TrySync is [Key.TryDo] with a result.
func (k Key[K, T]) TrySync[R any](job func(data *T) R) (result R, ok bool) {
	if job == nil {
		panic("desync: Key.TrySync: the job is nil")
	}
	ok = k.TryDo(func(data *T) { result = job(data) })
	return result, ok
}

// After is [Desync.After].
func (k Key[K, T]) After[V, R any](f *futures.Future[V], job func(data *T, v V, err error) R) *futures.Future[R] {
	if f == nil || job == nil {
		panic("desync: Key.After: the future and the job must not be nil")
	}
	e := k.m.pin(k.key)
	queued := false
	defer e.unpinUnless(&queued)
	after := e.object().after(&afterJob[slot[K, T], V, R]{source: f, keyed: func(v V, err error) (result R, _ error) {
		defer e.unpinInTurn()
		data, failed := e.valueContext(context.Background())
		if failed != nil {
			return result, failed
		}
		return job(data, v, err), nil
	}}, job)
	queued = true
	return after
}

// DoContext is [Desync.DoContext].
func (k Key[K, T]) DoContext(ctx context.Context, job func(ctx context.Context, data *T) error) error {
	if ctx == nil || job == nil {
		panic("desync: Key.DoContext: the context and the job must not be nil")
	}
	return k.doContext(ctx, "DoContext", job)
}

func (k Key[K, T]) doContext(ctx context.Context, call string, job func(context.Context, *T) error) error {
	k.m.mustKey(k.key) // also if ctx has ended
	if ctx.Err() != nil {
		return k.notRun(ctx, call)
	}
	e := k.m.pin(k.key)
	defer e.unpin()
	return e.object().doContext(ctx, call, func(ctx context.Context, _ *slot[K, T]) error {
		v, err := e.valueContext(ctx)
		if err != nil {
			return err
		}
		return job(ctx, v)
	})
}

// notRun is that of an object that need not be made.
func (k Key[K, T]) notRun(ctx context.Context, call string) error {
	return notRun(ctx, k.m.newEntry(k.key).object(), call)
}

// SyncContext is [Desync.SyncContext].
func (k Key[K, T]) SyncContext[R any](ctx context.Context, job func(ctx context.Context, data *T) (R, error)) (result R, err error) {
	if ctx == nil || job == nil {
		panic("desync: Key.SyncContext: the context and the job must not be nil")
	}
	err = k.doContext(ctx, "SyncContext", func(ctx context.Context, data *T) (err error) {
		result, err = job(ctx, data)
		return err
	})
	return result, err
}

// FutureContext is [Desync.FutureContext].
func (k Key[K, T]) FutureContext[R any](ctx context.Context, job func(ctx context.Context, data *T) (R, error)) *futures.Future[R] {
	if ctx == nil || job == nil {
		panic("desync: Key.FutureContext: the context and the job must not be nil")
	}
	k.m.mustKey(k.key)
	if ctx.Err() != nil {
		return futures.Rejected[R](k.notRun(ctx, "FutureContext"))
	}
	e := k.m.pin(k.key)
	ran := false
	return e.object().futureContext(ctx, func(ctx context.Context, _ *slot[K, T]) (result R, err error) {
		ran = true
		defer e.unpinInTurn()
		v, err := e.valueContext(ctx)
		if err != nil {
			return result, err
		}
		return job(ctx, v)
	}, func() {
		if !ran { // it was canceled
			e.unpin()
		}
	}, job)
}

// Suspend is [Desync.Suspend].
func (k Key[K, T]) Suspend() (resume func()) {
	e := k.m.pin(k.key)
	queued := false
	defer e.unpinUnless(&queued)
	resume = e.object().suspend(e.unpin)
	queued = true
	return resume
}

// Pending is [Desync.Pending]: 0 if the map has nothing for the key. It is no use of the
// key, which may be as idle as before.
func (k Key[K, T]) Pending() int {
	k.m.mustKey(k.key)
	e := k.m.find(k.key)
	if e == nil {
		return 0
	}
	return e.object().Pending()
}
