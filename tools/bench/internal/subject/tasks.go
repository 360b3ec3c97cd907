package subject

// tasks is an object of a library that runs functions without arguments, one at a
// time, on goroutines of its own. It calls the library through an interface: the
// functions escape to the heap anyway.
type tasks struct {
	pool taskPool
	s    State
}

type taskPool interface {
	submit(task func())
	stop()
}

// A caller is a pool with a call that waits until a task has run.
type caller interface{ call(task func()) }

func (o *tasks) Give(job func(*State)) {
	o.pool.submit(func() { job(&o.s) })
}

// call returns when the task has run. It uses the pool's own call or, if there is none,
// a channel, as is usual.
func (o *tasks) call(task func()) {
	if c, ok := o.pool.(caller); ok {
		c.call(task)
		return
	}
	done := make(chan struct{})
	o.pool.submit(func() {
		defer close(done)
		task()
	})
	<-done
}

func (o *tasks) Wait() (ran int) {
	o.call(func() { ran = o.s.Ran })
	return ran
}

func (o *tasks) Close() { o.pool.stop() }

func (o *tasks) Do(n int) (ran int) {
	for i := range n {
		o.call(func() {
			o.s.Ran++
			o.s.Last = i
			ran++
		})
	}
	return ran
}

func (o *tasks) Hold() (release func()) {
	begun, gate := make(chan struct{}), make(chan struct{})
	o.pool.submit(func() {
		close(begun)
		<-gate
	})
	<-begun
	return func() { close(gate) }
}

func (o *tasks) Sync(n int) (right int) {
	for i := range n {
		last := -1
		o.call(func() {
			o.s.Ran++
			o.s.Last = i
			last = o.s.Last
		})
		if last == i {
			right++
		}
	}
	return right
}

func (o *tasks) Async(n int) {
	for i := range n {
		o.pool.submit(func() {
			o.s.Ran++
			o.s.Last = i
		})
	}
}

func (o *tasks) Repeat(n int) {
	job := func() { o.s.Ran++ }
	for range n {
		o.pool.submit(job)
	}
}

func (o *tasks) RoundTrip(n int) (right int) {
	for i := range n {
		o.pool.submit(func() {
			o.s.Ran++
			o.s.Last = i
		})
		last := -1
		o.call(func() {
			o.s.Ran++
			last = o.s.Last
		})
		if last == i {
			right++
		}
	}
	return right
}

// pooled returns the reasons of all pools.
func pooled() Reasons {
	return Reasons{
		Await:  "a task of the pool has no result",
		Cancel: "a task that was submitted is run",
	}
}

// blocking returns the reasons of pools whose submit waits for the only worker.
func blocking() Reasons {
	r := pooled()
	r[Again] = "a task that submits to its own pool of one worker waits forever"
	r[Unbounded] = "a caller that submits a task waits until the one before has begun or ended"
	return r
}
