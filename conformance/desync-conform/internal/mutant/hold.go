package mutant

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/go-desync/go-desync/conformance"
)

func (o *object) After(job func(*conformance.State, int, error) int) (func(int, error), conformance.Wait) {
	in, out := o.result(), o.result()
	o.mustQueue(&entry{job: func() {
		var v int
		var err error
		if !o.is(afterRunsEarly) {
			v, err = in.wait(context.Background())
		}
		o.settleBy(out, func() int { return job(&o.state, v, err) })
	}})
	return in.settle, out.wait
}

func (o *object) Suspend() (resume func()) {
	switch o.fault {
	case suspendIgnored:
		return func() {}
	case resumeEndsNext:
		o.mustQueue(&entry{job: func() { <-o.resumes }})
		return func() { o.resumes <- struct{}{} }
	}
	resumed := make(chan struct{})
	if o.is(earlyResumeLost) {
		o.mustQueue(&entry{job: func() { resumed <- struct{}{} }})
		return func() {
			select {
			case <-resumed:
			default:
			}
		}
	}
	o.mustQueue(&entry{job: func() { <-resumed }})
	return sync.OnceFunc(func() { close(resumed) })
}

// members returns the objects of a DoAll, and their states.
func members(o *object, others []conformance.Object) (all []*object, states []*conformance.State) {
	all = []*object{o}
	for _, other := range others {
		all = append(all, other.(interface{ base() *object }).base())
	}
	for _, o := range all {
		states = append(states, &o.state)
	}
	return all, states
}

// inOrder returns objects in the order in which they are locked.
func inOrder(all []*object) []*object {
	return slices.SortedFunc(slices.Values(all), func(a, b *object) int { return cmp.Compare(a.number, b.number) })
}

func (o *object) DoAll(others []conformance.Object, job func([]*conformance.State)) {
	all, states := members(o, others)
	switch o.fault {
	case severalHoldOne:
		o.Do(func(*conformance.State) { job(states) })
	case severalDeadlock:
		var nest func(i int)
		nest = func(i int) {
			if i == len(all) {
				job(states)
				return
			}
			all[i].Do(func(*conformance.State) { nest(i + 1) })
		}
		nest(0)
	default:
		takeAll(all)
		defer func() {
			for _, o := range all[1:] {
				o.pass()
			}
		}()
		o.hold(func() { job(states) })
	}
}

func (o *object) base() *object { return o }

// takeAll takes a place in all queues in one step, and waits for its turn in all.
func takeAll(all []*object) {
	turned := make(chan struct{})
	var left atomic.Int64
	left.Store(int64(len(all)))
	grant := func() {
		if left.Add(-1) == 0 {
			close(turned)
		}
	}
	sorted := inOrder(all)
	for _, o := range sorted {
		o.mu.Lock()
	}
	for _, o := range sorted {
		if o.enqueue(&entry{grant: grant}) {
			grant()
		}
	}
	for _, o := range sorted {
		o.mu.Unlock()
	}
	<-turned
}

func (o *object) Close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed && o.is(secondCloseHangs) {
		<-make(chan struct{})
	}
	o.closed = true
	if o.is(droppedOnClose) {
		for _, e := range o.queue.all() {
			e.gone = e.gone || e.job != nil
		}
	}
	for !o.idle() {
		o.changed.Wait()
	}
}

func (o *object) OnPanic(handler func(any)) { o.handler = handler }

func (o *object) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return fmt.Sprintf("busy: %v, queued: %d", o.busy, o.queue.n)
}
