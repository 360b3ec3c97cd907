package mutant

import (
	"runtime"
	"time"

	"github.com/go-desync/go-desync/conformance"
)

// work runs background jobs until a turn of another kind comes, or none.
func (o *object) work(e *entry) {
	returned := false
	defer func() {
		switch {
		case returned:
		case o.is(goexitKillsDrainer):
		case o.is(panicKillsDrainer) && recover() != nil:
		default: // the job ended the goroutine
			o.pass()
		}
	}()
	for inARow := 0; e != nil && e.job != nil; inARow++ {
		if o.is(hotObjectStarves) {
			if inARow < 1000 {
				o.hot.RLock() // waits until no object is hot
				o.hot.RUnlock()
			} else if inARow == 1000 {
				o.hot.Lock()
				defer o.hot.Unlock()
			}
		}
		o.run(e.job)
		if o.is(finishedJobKept) {
			o.kept = []*entry{e}
		}
		e = o.next()
	}
	returned = true
	o.begin(e)
}

// run runs a background job.
func (o *object) run(job func()) {
	if o.workers != nil {
		o.workers <- struct{}{}
		defer func() { <-o.workers }()
	}
	defer o.enter()()
	job()
}

// enter is called around every job.
func (o *object) enter() (leave func()) {
	switch o.fault {
	case globalLock:
		o.lock.Lock()
		return o.lock.Unlock
	case objectsShareStripes:
		stripe := &o.stripes[o.number%uint64(len(o.stripes))]
		stripe.Lock()
		return stripe.Unlock
	case objectsShareCounter:
		o.jobs++
	case ownAsyncInFront, ownFutureInFront:
		o.runner.Store(goid())
		return func() { o.runner.Store(0) }
	}
	return func() {}
}

// queueJob queues a background job.
func (o *object) queueJob(e *entry) (accepted bool) {
	if o.is(lostUnderContention) {
		defer o.inside.Add(-1)
		if o.inside.Add(1) > 1 {
			return true
		}
		runtime.Gosched()
	}
	o.mu.Lock()
	switch {
	case o.closed:
		o.mu.Unlock()
		return o.is(lateWorkAccepted)
	case o.is(asyncDropsWhenFull) && o.queue.n >= full, o.is(jobDroppedAt) && o.queue.n == o.n:
		o.mu.Unlock()
		return true
	case o.takesSignal(): // nobody looks at the queue
		e.queued = true
		o.queue.push(e)
		o.mu.Unlock()
		return true
	case (o.is(ownAsyncInFront) || o.is(ownFutureInFront) && e.future) && o.runner.Load() == goid():
		e.queued = true
		o.queue.pushFront(e)
		o.mu.Unlock()
		return true
	}
	for o.is(asyncBlocksAt1024) && o.queue.n >= full || o.is(asyncWaitsFrom) && o.queue.n >= o.n {
		o.changed.Wait()
	}
	now := o.is(twoDrainers) && o.busy && o.queue.n == 0 || o.enqueue(e)
	o.mu.Unlock()
	if now {
		o.begin(e)
	}
	return true
}

// takesSignal reports whether the worker, which has rested for long enough, ends at this
// moment. With mu held.
func (o *object) takesSignal() bool {
	if !o.is(restTakesSignal) && !o.is(longRestTakesSignal) || o.busy || o.rested.IsZero() {
		return false
	}
	rest := time.Since(o.rested)
	return rest >= o.d && rest < o.d+openFor
}

func (o *object) mustQueue(e *entry) {
	if !o.queueJob(e) {
		panic(errClosed)
	}
}

func (o *object) Async(job func(*conformance.State)) {
	switch o.fault {
	case asyncInline:
		o.Do(job)
	case mutexPerGoroutineJob:
		go o.Do(job)
	default:
		if !o.Submit(job) {
			panic(errClosed)
		}
	}
}

func (o *object) Submit(job func(*conformance.State)) bool {
	return o.queueJob(&entry{job: func() {
		if o.handler != nil && !o.is(panicKillsDrainer) || o.is(asyncPanicSwallowed) {
			defer func() { o.recovered(recover()) }()
		}
		job(&o.state)
	}})
}

// recovered tells the handler of a panic.
func (o *object) recovered(v any) {
	if v == nil || o.is(asyncPanicSwallowed) {
		return
	}
	o.panicked(v)
	switch o.fault {
	case handlerHoldsTurn:
		o.handler(v)
		return
	case handlerUnderLock:
		go func() {
			o.mu.Lock()
			o.handler(v)
			o.mu.Unlock()
		}()
		return
	}
	go o.handler(v) // it may wait for the object
}

// panicked is called when a background job has panicked.
func (o *object) panicked(v any) {
	if !o.is(waitersHang) && !o.is(panicHitsWaiter) {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, e := range o.queue.all() {
		if e.grant == nil {
			continue
		}
		if o.is(panicHitsWaiter) {
			e.thrown = v
			return
		}
		e.gone = true
	}
}

// goid returns the number of the calling goroutine.
func goid() (id uint64) {
	var buf [64]byte
	for _, c := range buf[len("goroutine "):runtime.Stack(buf[:], false)] {
		if c < '0' || c > '9' {
			break
		}
		id = id*10 + uint64(c-'0')
	}
	return id
}
