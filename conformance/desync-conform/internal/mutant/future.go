package mutant

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
	"weak"

	"github.com/go-desync/go-desync/conformance"
)

var (
	errClosed = errors.New("the object is closed")
	errGoexit = errors.New("the job called runtime.Goexit")
	errUnheld = errors.New("nobody holds the future any more")
)

// A result is what a future settles with.
type result struct {
	fault
	done  chan struct{}
	plain bool // for resultRacy: instead of done

	mu      sync.Mutex
	settled bool
	v       int
	err     error
}

func (o *object) result() *result { return &result{fault: o.fault, done: make(chan struct{})} }

func (r *result) settle(v int, err error) {
	if r.is(resultRacy) {
		r.v, r.err, r.plain = v, err, true
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.settled && !r.is(futureSettlesTwice) {
		return
	}
	r.v, r.err = v, err
	if !r.settled {
		r.settled = true
		close(r.done)
	}
}

func (r *result) wait(ctx context.Context) (int, error) {
	if r.is(resultRacy) {
		for !r.plain && ctx.Err() == nil {
			time.Sleep(10 * time.Microsecond)
		}
		if !r.plain {
			return 0, ctx.Err()
		}
		return r.v, r.err
	}
	select {
	case <-r.done:
	default:
		select {
		case <-r.done:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.v, r.err
}

// settleBy runs a job and settles with what it makes, in whatever way it ends.
func (o *object) settleBy(r *result, job func() int) {
	if o.is(futureBeforeJob) {
		r.settle(0, nil)
	}
	err := errGoexit
	defer func() {
		if !o.is(panicKillsDrainer) {
			if v := recover(); v != nil {
				o.panicked(v)
				err = fmt.Errorf("the job panicked: %v", v)
			}
		}
		if err != nil {
			r.settle(0, err)
		}
	}()
	v := job()
	err = nil
	r.settle(v, nil)
	if o.is(futureSettlesTwice) {
		r.settle(0, nil)
	}
}

func (o *object) Future(job func(*conformance.State) int) conformance.Wait {
	r := o.result()
	held := new(struct{ wait conformance.Wait })
	holds := weak.Make(held)
	held.wait = r.wait
	e := &entry{future: true, job: func() {
		if o.is(discardCancels) && holds.Value() == nil {
			r.settle(0, errUnheld)
			return
		}
		o.settleBy(r, func() int { return job(&o.state) })
	}}
	o.mustQueue(e)
	return func(ctx context.Context) (int, error) {
		v, err := held.wait(ctx)
		if ctx.Err() != nil && o.is(givenUpCancels) {
			o.cancel(e)
		}
		return v, err
	}
}

func (o *object) FutureContext(ctx context.Context, job func(*conformance.State) int) conformance.Wait {
	r := o.result()
	var stop func() bool
	e := &entry{future: true, late: func() { job(&o.state) }, job: func() {
		if stop() {
			o.settleBy(r, func() int {
				v := job(&o.state)
				if o.is(ranReportedCanceled) && ctx.Err() != nil {
					r.settle(0, ctx.Err())
				}
				return v
			})
		}
	}}
	o.mu.Lock()
	if o.closed {
		o.mu.Unlock()
		panic(errClosed)
	}
	// Whichever of the context's end and the turn comes first settles the result.
	stop = context.AfterFunc(ctx, func() {
		o.cancel(e)
		r.settle(0, ctx.Err())
	})
	now := o.enqueue(e)
	o.mu.Unlock()
	if now {
		o.begin(e)
	}
	return r.wait
}

// cancel gives up a place and reports whether its turn had not come yet.
func (o *object) cancel(e *entry) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !e.queued || e.gone {
		return false
	}
	switch o.fault {
	case canceledJobRuns:
		e.job, e.grant = e.late, nil
		return true
	case cancelMissesFrom:
		if o.queue.find(func(other *entry) bool { return other == e }) >= o.n {
			e.job, e.grant = e.late, nil
			return true
		}
	case canceledKeptFrom:
		if o.canceled++; o.canceled >= o.n {
			o.kept = append(o.kept, &entry{late: e.late})
		}
	case canceledJobKept:
		o.kept = append(o.kept, &entry{late: e.late})
	case cancelRemovesNeighbour:
		list := o.queue.all()
		for i, other := range list[:len(list)-1] {
			if other == e {
				list[i+1].gone = true
			}
		}
	}
	e.gone = true
	e.job, e.grant, e.late = nil, nil, nil
	if !o.is(canceledPlaceKept) {
		e.queued = false
		o.queue.remove(o.queue.find(func(other *entry) bool { return other == e }))
		o.changed.Broadcast()
	}
	return true
}
