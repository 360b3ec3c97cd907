package kafka

import (
	"fmt"
	"runtime/debug"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

// A Key is the key of the objects on which records wait for each other, as an Observer sees
// it in [desync.JobInfo].
type Key struct {
	Topic     string
	Partition int32
	Key       string
}

// String returns the topic, the partition and the key.
func (k Key) String() string { return fmt.Sprintf("%s/%d %s", k.Topic, k.Partition, k.Key) }

// A job does the work for a record, on the object of its key.
type job struct {
	run       *run
	partition *partition
	size      int64
	since     time.Time // when it has arrived

	// Guarded by the mutex of the partition. record is changed only when no handler of the
	// job can be called any more.
	record        *kgo.Record
	number        uint64 // of its arrival
	running       bool   // a handler is called
	before, after *job   // the open records beside it
	attempt       int
	err           error // of the last attempt but the one that goes on
}

var _ desync.Job[struct{}] = (*job)(nil)

// Func is for observers: the function of the user that Run calls.
func (j *job) Func() any { return j.run.handle }

// Ended has nothing to do: what can go wrong in Run ends the process.
func (j *job) Ended(error) {}

// Run tries the record until it is done or the partition is given up. A handler that calls
// Goexit ends this goroutine, which nothing can stop. But deferred functions still run, and
// the turn lasts until they have returned: so the rest is done there, with each handler on a
// goroutine of its own.
func (j *job) Run(*struct{}) {
	returned := false
	defer func() {
		if v := recover(); v != nil {
			panic(v) // of Backoff
		}
		if !returned {
			j.try(apart)
		}
	}()
	j.try(call)
	returned = true
}

// try tries the record until it is done or the partition is given up. call is how a handler is
// called.
func (j *job) try(call func(func() error) error) {
	for {
		if j.attempt > 0 && !j.pause() || !j.begin() {
			return
		}
		if j.attemptOnce(call) {
			return
		}
	}
}

// attemptOnce calls the handler, and GiveUp if it is time, and reports whether the record is
// done.
func (j *job) attemptOnce(call func(func() error) error) (done bool) {
	err := futures.ErrGoexit // stays, if that is how the attempt ends
	defer func() { j.end(done, err) }()
	err = call(func() error { return j.run.handle(j.partition.ctx, j.record) })
	done = err == nil || j.givenUp(call, err)
	return done
}

// begin reports whether a handler may be called now. If so, end must follow.
func (j *job) begin() bool {
	r, p := j.run, j.partition
	select {
	case r.slots <- struct{}{}:
	default:
		select {
		case r.slots <- struct{}{}:
		case <-p.closed:
			return false
		}
	}
	if !p.enter(j) {
		<-r.slots
		return false
	}
	return true
}

// end notes that the handler has returned.
func (j *job) end(done bool, err error) {
	again := j.partition.leave(j, done, err)
	<-j.run.slots
	if !again {
		j.run.room.give(1, j.size)
	}
}

// givenUp reports whether GiveUp has taken the record, which has failed.
func (j *job) givenUp(call func(func() error) error, err error) bool {
	r := j.run
	if r.giveUp == nil || j.attempt < r.attempts || j.partition.ctx.Err() != nil {
		return false
	}
	return call(func() error { return r.giveUp(j.partition.ctx, j.record, err) }) == nil
}

// pause waits before the next attempt, and reports whether there is to be one.
func (j *job) pause() bool {
	t := time.NewTimer(j.run.backoff(j.attempt))
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-j.partition.closed:
		return false
	}
}

// call calls f and returns its error, which is a [*desync.PanicError] if it panics. A Goexit
// goes on.
func call(f func() error) (err error) {
	returned := false
	defer func() {
		if returned {
			return
		}
		if v := recover(); v != nil {
			err = &desync.PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	err = f()
	returned = true
	return err
}

// apart is call on a goroutine of its own. If f calls Goexit, that ends, and the error is
// [futures.ErrGoexit].
func apart(f func() error) error {
	ended := make(chan error)
	go func() {
		err := futures.ErrGoexit
		defer func() { ended <- err }()
		err = call(f)
	}()
	return <-ended
}
