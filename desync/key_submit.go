package desync

import (
	"cmp"
	"context"
)

// Submit is [Desync.Submit]. If the value of the key cannot be made, only Ended is called,
// with that error.
func (k Key[K, T]) Submit(job Job[T]) (stop func() bool) {
	if job == nil {
		panic("desync: Key.Submit: the job is nil")
	}
	e := k.m.pin(k.key)
	queued := false
	defer e.unpinUnless(&queued)
	stopJob := e.object().Submit(&keyJob[K, T]{entry: e, job: job})
	queued = true
	return func() bool {
		stopped := stopJob()
		if stopped {
			e.unpin()
		}
		return stopped
	}
}

// SubmitIfPresent is [Key.Submit] if the key has a value when its turn comes. If it has none,
// only Ended is called, with an error that matches [ErrNotRun]: before SubmitIfPresent
// returns, if the map has nothing for the key now. It is no use of the key; see
// [Key.DoIfPresent].
//
// SubmitIfPresent panics if job is nil.
func (k Key[K, T]) SubmitIfPresent(job Job[T]) (stop func() bool) {
	if job == nil {
		panic("desync: Key.SubmitIfPresent: the job is nil")
	}
	e := k.m.pinIfPresent(k.key)
	if e == nil {
		job.Ended(absent())
		return func() bool { return false }
	}
	queued := false
	defer func() {
		if !queued { // an observer has panicked
			e.drop()
		}
	}()
	stopJob := e.object().Submit(&keyJob[K, T]{entry: e, job: job, ifPresent: true})
	queued = true
	return func() bool {
		stopped := stopJob()
		if stopped {
			e.drop()
		}
		return stopped
	}
}

// keyJob is the job of a key of a Map.
type keyJob[K comparable, T any] struct {
	entry *entry[K, T]
	job   Job[T]
	err   error // from making the value, or that there is none

	ifPresent bool // make none, and be no use of the key
}

func (k *keyJob[K, T]) Run(*slot[K, T]) {
	e := k.entry
	if k.ifPresent {
		if e.live() {
			k.job.Run(&e.data.value)
		} else {
			k.err = absent()
		}
		return
	}
	var panicked error
	v, err := result(func() (*T, error) { return e.valueContext(context.Background()) }, &panicked)
	switch k.err = cmp.Or(panicked, err); err := k.err.(type) {
	case nil:
		k.job.Run(v)
	case *ValueError:
		m := e.data.m
		m.tell(m.failed, e.key(), err.Err) // nobody may care for what Ended is called with
	}
}

func (k *keyJob[K, T]) Func() any { return funcOf(k.job) }

func (k *keyJob[K, T]) Ended(err error) {
	if k.ifPresent {
		defer k.entry.dropInTurn()
	} else {
		defer k.entry.unpinInTurn()
	}
	if k.err != nil {
		err = k.err
	}
	k.job.Ended(err)
}
