package desync

import "cmp"

// Submit is [Desync.Submit]. If the value of the key cannot be made, only Ended is called,
// with that error.
func (k Key[K, T]) Submit(job Job[T]) (stop func() bool) {
	if job == nil {
		panic("desync: Key.Submit: the job is nil")
	}
	e := k.m.pin(k.key)
	queued := false
	defer e.unpinUnless(&queued)
	stopJob := e.object.Submit(&keyJob[K, T]{entry: e, job: job})
	queued = true
	return func() bool {
		stopped := stopJob()
		if stopped {
			e.unpin()
		}
		return stopped
	}
}

// keyJob is the job of a key of a Map.
type keyJob[K comparable, T any] struct {
	entry *entry[K, T]
	job   Job[T]
	err   error // from making the value
}

func (k *keyJob[K, T]) Run(*slot[K, T]) {
	var panicked error
	v, err := result(func() (*T, error) { return k.entry.value(), nil }, &panicked)
	if k.err = cmp.Or(panicked, err); k.err == nil {
		k.job.Run(v)
	}
}

func (k *keyJob[K, T]) Ended(err error) {
	defer k.entry.unpinInTurn()
	if k.err != nil {
		err = k.err
	}
	k.job.Ended(err)
}
