package desync

import (
	"context"

	"github.com/go-desync/go-desync/futures"
)

// Future is [Desync.Future].
func (k Key[K, T]) Future[R any](job func(data *T) R) *futures.Future[R] {
	if job == nil {
		panic("desync: Key.Future: the job is nil")
	}
	e := k.m.pin(k.key)
	queued := false
	defer e.unpinUnless(&queued)
	f := &keyFuture[K, T, R]{entry: e, job: job}
	guard(context.Background(), e.object(), &f.Promise)
	if e.core.cfg.observed() {
		f.record = e.object().record(made{call: CallFuture, code: job})
	}
	e.object().submit(f)
	queued = true
	return f.Promise.Future()
}

// keyFuture is futureJob for a key, whose value may have to be made, and may fail to be.
type keyFuture[K comparable, T, R any] struct {
	futures.Promise[R]
	entry  *entry[K, T]
	job    func(*T) R
	record *record // nil if the job is not observed
}

func (f *keyFuture[K, T, R]) run(*Desync[slot[K, T]], bool) bool {
	e, job, record := f.entry, f.job, f.record
	f.entry, f.job, f.record = nil, nil, nil // the future may live long
	follow(&f.Promise, record, func() (result R, err error) {
		defer e.unpinInTurn()
		v, err := e.valueContext(context.Background())
		if err != nil {
			return result, err
		}
		return job(v), nil
	})
	return true
}
