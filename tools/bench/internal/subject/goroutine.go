package subject

import "sync"

// Goroutine starts a goroutine for each job; a mutex keeps the jobs apart. It
// keeps no order, so it does less than the others.
//
// Await is a bare goroutine and a channel: with one job at a time it needs no
// mutex.
type Goroutine struct{}

// Name implements [Subject].
func (Goroutine) Name() string { return GoroutineName }

// New implements [Subject].
func (Goroutine) New() Object { return new(goroutineObject) }

type goroutineObject struct {
	mu   sync.Mutex
	s    State
	jobs sync.WaitGroup // the goroutines of Async
}

func (o *goroutineObject) Wait() int {
	o.jobs.Wait()
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.s.Ran
}

func (o *goroutineObject) Close() {}

func (o *goroutineObject) Do(n int) (ran int) {
	for i := range n {
		done := make(chan struct{})
		go func() {
			defer close(done)
			o.mu.Lock()
			defer o.mu.Unlock()
			o.s.Ran++
			o.s.Last = i
			ran++
		}()
		<-done
	}
	return ran
}

func (o *goroutineObject) Hold() (release func()) {
	o.mu.Lock()
	return o.mu.Unlock
}

func (o *goroutineObject) Sync(n int) (right int) {
	for i := range n {
		reply := make(chan int, 1)
		go func() {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.s.Ran++
			o.s.Last = i
			reply <- o.s.Last
		}()
		if <-reply == i {
			right++
		}
	}
	return right
}

func (o *goroutineObject) Async(n int) {
	for i := range n {
		o.jobs.Go(func() {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.s.Ran++
			o.s.Last = i
		})
	}
}

func (o *goroutineObject) Repeat(n int) {
	job := func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.s.Ran++
	}
	for range n {
		o.jobs.Go(job)
	}
}

// RoundTrip waits for the first job before it starts the second; otherwise
// their order would be random.
func (o *goroutineObject) RoundTrip(n int) (right int) {
	for i := range n {
		done := make(chan struct{})
		go func() {
			defer close(done)
			o.mu.Lock()
			defer o.mu.Unlock()
			o.s.Ran++
			o.s.Last = i
		}()
		<-done
		reply := make(chan int, 1)
		go func() {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.s.Ran++
			reply <- o.s.Last
		}()
		if <-reply == i {
			right++
		}
	}
	return right
}

func (o *goroutineObject) Await(n int) (right int) {
	for i := range n {
		reply := make(chan int, 1)
		go func() {
			o.s.Ran++
			o.s.Last = i
			reply <- o.s.Last
		}()
		if <-reply == i {
			right++
		}
	}
	return right
}

func (o *goroutineObject) Give(job func(*State)) {
	o.jobs.Go(func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		job(&o.s)
	})
}

// Lacks implements [Subject].
func (Goroutine) Lacks() Reasons {
	return Reasons{
		Cancel:    "Lock waits until it has the lock",
		Order:     "goroutines start in any order",
		Unbounded: "a job that waits is a goroutine: a million of them take more than 2 GB",
	}
}
