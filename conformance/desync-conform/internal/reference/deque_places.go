package reference

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/go-desync/go-desync/conformance"
	"github.com/go-desync/go-desync/conformance/desync-conform/internal/promise"
)

// What takes a place in the queue, or in several, for more than a job now.

func (d *deque) Future(job func(*conformance.State) int) conformance.Wait {
	r := promise.New()
	d.mustQueue(func() { r.Run(func() int { return job(&d.state) }) })
	return r.Wait
}

func (d *deque) FutureContext(ctx context.Context, job func(*conformance.State) int) conformance.Wait {
	r := promise.New()
	var stop func() bool
	t := &turn{job: func() {
		if stop() {
			r.Run(func() int { return job(&d.state) })
		}
	}}
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		panic(errClosed)
	}
	// Whichever of the context's end and the turn comes first settles the result.
	stop = context.AfterFunc(ctx, func() {
		d.leave(t)
		r.Settle(0, ctx.Err())
	})
	now := d.enqueue(t)
	d.mu.Unlock()
	if now {
		d.begin(t)
	}
	return r.Wait
}

func (d *deque) After(job func(*conformance.State, int, error) int) (func(int, error), conformance.Wait) {
	in, out := promise.New(), promise.New()
	d.mustQueue(func() {
		v, err := in.Wait(context.Background())
		out.Run(func() int { return job(&d.state, v, err) })
	})
	return in.Settle, out.Wait
}

func (d *deque) Suspend() (resume func()) {
	resumed := make(chan struct{})
	d.mustQueue(func() { <-resumed })
	return sync.OnceFunc(func() { close(resumed) })
}

func (d *deque) DoAll(others []conformance.Object, job func([]*conformance.State)) {
	all := []*deque{d}
	for _, o := range others {
		all = append(all, o.(*deque))
	}
	var states []*conformance.State
	for _, o := range all {
		states = append(states, &o.state)
	}
	inOrder := slices.Clone(all)
	slices.SortFunc(inOrder, func(a, b *deque) int { return cmp.Compare(a.number, b.number) })

	turned := make(chan struct{})
	left := new(atomic.Int64)
	left.Store(int64(len(all)))
	grant := func() {
		if left.Add(-1) == 0 {
			close(turned)
		}
	}
	for _, o := range inOrder {
		o.mu.Lock()
	}
	for _, o := range inOrder {
		if o.enqueue(&turn{grant: grant}) {
			grant()
		}
	}
	for _, o := range inOrder {
		o.mu.Unlock()
	}
	<-turned
	defer func() {
		for _, o := range all {
			o.pass()
		}
	}()
	job(states)
}
