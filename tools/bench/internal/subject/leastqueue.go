package subject

import "sync"

// LeastQueue is the simplest queue that runs background jobs in order and has no
// goroutine when idle: a slice behind a mutex, and a goroutine that takes the whole
// slice, runs its jobs, and ends when there are no more. A future is a result behind a
// lock, with a sync.Cond from a pool for the goroutine that awaits it. It can do
// nothing else, so it is a bound and not an alternative. Jobs are kept as values of
// type any, as in a queue whose memory is shared by objects of all types; but the
// slices stay with the object.
type LeastQueue struct{}

// Name implements [Subject].
func (LeastQueue) Name() string { return LeastQueueName }

// New implements [Subject].
func (LeastQueue) New() Object {
	o := new(leastQueue)
	o.drain = o.run
	return o
}

// Lacks implements [Subject].
func (LeastQueue) Lacks() Reasons {
	const least = "it is the least that background jobs take, and nothing else"
	return Reasons{Do: least, Sync: least, RoundTrip: least, Cancel: least}
}

type leastQueue struct {
	mu      sync.Mutex
	in, out []any // out is the goroutine's
	running bool
	drain   func() // o.run: a go statement with it allocates nothing
	s       State
}

func (o *leastQueue) push(job any) {
	o.mu.Lock()
	o.in = append(o.in, job)
	start := !o.running
	o.running = true
	o.mu.Unlock()
	if start {
		go o.drain()
	}
}

func (o *leastQueue) run() {
	defer func() {
		if v := recover(); v != nil {
			panic(v)
		}
	}()
	for o.turnOver() {
		for i, job := range o.out {
			o.out[i] = nil
			switch job := job.(type) {
			case func(*State):
				job(&o.s)
			case *leastFuture:
				job.run(&o.s)
			}
		}
		o.out = o.out[:0]
	}
}

func (o *leastQueue) turnOver() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.in, o.out = o.out, o.in
	o.running = len(o.out) > 0
	return o.running
}

func (o *leastQueue) Async(n int) {
	for i := range n {
		o.push(func(s *State) {
			s.Ran++
			s.Last = i
		})
	}
}

func (o *leastQueue) Repeat(n int) {
	job := func(s *State) { s.Ran++ }
	for range n {
		o.push(job)
	}
}

func (o *leastQueue) Await(n int) (right int) {
	for i := range n {
		f := &leastFuture{job: func(s *State) int {
			s.Ran++
			s.Last = i
			return s.Last
		}}
		o.push(f)
		if last, failed := f.await(); failed == nil && last == i {
			right++
		}
	}
	return right
}

func (o *leastQueue) Give(job func(*State)) { o.push(job) }

// Wait hands over one more job, which is not counted.
func (o *leastQueue) Wait() int {
	ran := make(chan int, 1)
	o.push(func(s *State) { ran <- s.Ran })
	return <-ran
}

func (o *leastQueue) Close() {}

type leastFuture struct {
	job     func(*State) int
	mu      sync.Mutex
	settled bool
	asleep  *sync.Cond // nil, or that of the goroutine that awaits it
	value   int
	failed  any
}

var conds = sync.Pool{New: func() any { return new(sync.Cond) }}

func (f *leastFuture) run(s *State) {
	ended := false
	defer func() {
		if !ended {
			f.settle(0, recover())
		}
	}()
	v := f.job(s)
	ended = true
	f.settle(v, nil)
}

func (f *leastFuture) settle(v int, failed any) {
	f.mu.Lock()
	f.value, f.failed, f.settled = v, failed, true
	c := f.asleep
	f.mu.Unlock()
	if c != nil {
		c.Signal()
	}
}

func (f *leastFuture) await() (int, any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.settled {
		c := conds.Get().(*sync.Cond)
		c.L = &f.mu
		f.asleep = c
		for !f.settled {
			c.Wait()
		}
		c.L = nil
		conds.Put(c)
	}
	return f.value, f.failed
}
