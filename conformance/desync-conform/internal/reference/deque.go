package reference

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"runtime/pprof"
	"sync"
	"sync/atomic"

	"github.com/go-desync/go-desync/conformance"
)

// MutexDeque returns an implementation by a mutex and a doubly linked list. One
// goroutine runs background jobs while there are any; a call that waits gets its
// turn from whoever had it before. It claims every feature.
func MutexDeque() conformance.Factory {
	numbers := new(atomic.Uint64)
	return conformance.Factory{
		Info: conformance.Implementation{Name: "reference: mutex and deque"},
		New: func(conformance.Setup) (conformance.Object, error) {
			d := &deque{number: numbers.Add(1)}
			d.idle.L = &d.mu
			return d, nil
		},
		Features: map[conformance.Feature]conformance.Claim{
			conformance.FeatureFuture: conformance.Supported(), conformance.FeatureCancel: conformance.Supported(),
			conformance.FeatureCancelFuture: conformance.Supported(), conformance.FeatureTry: conformance.Supported(),
			conformance.FeatureAfter: conformance.Supported(), conformance.FeatureSuspend: conformance.Supported(),
			conformance.FeatureSeveral: conformance.Supported(), conformance.FeatureClose: conformance.Supported(),
			conformance.FeaturePanicHandler: conformance.Supported(),
		},
	}
}

var errClosed = errors.New("the object is closed")

type deque struct {
	state   conformance.State // of who has the turn
	number  uint64            // the order in which several objects are locked
	handler func(any)         // set before first use

	mu     sync.Mutex
	queue  list.List // of *turn, those that wait
	busy   bool      // somebody has the turn
	closed bool
	idle   sync.Cond
}

// A turn is a place in the queue. It is either a background job, or the moment at
// which somebody who waits may go on; grant must not block.
type turn struct {
	job   func()
	grant func()
	place *list.Element // while it waits
}

// enqueue takes a place and reports whether the turn has come already. With mu held.
func (d *deque) enqueue(t *turn) (now bool) {
	if !d.busy {
		d.busy = true
		return true
	}
	t.place = d.queue.PushBack(t)
	return false
}

// leave gives up a place and reports whether its turn had not come yet.
func (d *deque) leave(t *turn) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if t.place == nil {
		return false
	}
	d.queue.Remove(t.place)
	t.place = nil
	return true
}

// next takes the turn that comes first, or notes that there is none.
func (d *deque) next() *turn {
	d.mu.Lock()
	defer d.mu.Unlock()
	first := d.queue.Front()
	if first == nil {
		d.busy = false
		d.idle.Broadcast()
		return nil
	}
	t := d.queue.Remove(first).(*turn)
	t.place = nil
	return t
}

// begin starts a turn that has come.
func (d *deque) begin(t *turn) {
	switch {
	case t == nil:
	case t.job != nil:
		go func() {
			pprof.SetGoroutineLabels(context.Background())
			d.work(t)
		}()
	default:
		t.grant()
	}
}

// pass ends the turn that the caller has.
func (d *deque) pass() { d.begin(d.next()) }

// work runs background jobs until a turn of another kind comes, or none.
func (d *deque) work(t *turn) {
	returned := false
	defer func() {
		if !returned { // the job ended the goroutine
			d.pass()
		}
	}()
	for t != nil && t.job != nil {
		t.job()
		t = d.next()
	}
	returned = true
	d.begin(t)
}

// queueJob queues a background job.
func (d *deque) queueJob(job func()) (accepted bool) {
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		return false
	}
	t := &turn{job: job}
	now := d.enqueue(t)
	d.mu.Unlock()
	if now {
		d.begin(t)
	}
	return true
}

func (d *deque) mustQueue(job func()) {
	if !d.queueJob(job) {
		panic(errClosed)
	}
}

func (d *deque) Async(job func(*conformance.State)) {
	if !d.Submit(job) {
		panic(errClosed)
	}
}

func (d *deque) Submit(job func(*conformance.State)) bool {
	return d.queueJob(func() {
		if d.handler != nil {
			defer func() {
				if v := recover(); v != nil {
					go d.handler(v) // it may wait for the object
				}
			}()
		}
		job(&d.state)
	})
}

func (d *deque) Do(job func(*conformance.State)) {
	if err := d.DoContext(context.Background(), job); err != nil {
		panic(err)
	}
}

func (d *deque) DoContext(ctx context.Context, job func(*conformance.State)) error {
	turned := make(chan struct{})
	t := &turn{grant: func() { close(turned) }}
	if err := ctx.Err(); err != nil {
		return err
	}
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		return errClosed
	}
	now := d.enqueue(t)
	d.mu.Unlock()
	if !now {
		select {
		case <-turned:
		case <-ctx.Done():
			if d.leave(t) {
				return ctx.Err()
			}
			<-turned
		}
	}
	defer d.pass()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	job(&d.state)
	return nil
}

func (d *deque) TryDo(job func(*conformance.State)) bool {
	d.mu.Lock()
	if d.busy || d.closed {
		d.mu.Unlock()
		return false
	}
	d.busy = true
	d.mu.Unlock()
	defer d.pass()
	job(&d.state)
	return true
}

func (d *deque) Close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	for d.busy {
		d.idle.Wait()
	}
}

func (d *deque) OnPanic(handler func(any)) { d.handler = handler }

func (d *deque) String() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return fmt.Sprintf("busy: %v, queued: %d", d.busy, d.queue.Len())
}
