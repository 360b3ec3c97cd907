package subject

import "sync"

// Mutex is a sync.Mutex with a deferred unlock. It has no background jobs: where
// others hand one over, it runs it at once, which is what code with a mutex does.
type Mutex struct{}

// Name implements [Subject].
func (Mutex) Name() string { return MutexName }

// New implements [Subject].
func (Mutex) New() Object { return new(mutexObject) }

type mutexObject struct {
	mu sync.Mutex
	s  State
}

func (o *mutexObject) do(job func(*State)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	job(&o.s)
}

func (o *mutexObject) sync(job func(*State) int) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return job(&o.s)
}

func (o *mutexObject) Wait() int {
	return o.sync(func(s *State) int { return s.Ran })
}

func (o *mutexObject) Close() {}

func (o *mutexObject) Do(n int) (ran int) {
	for i := range n {
		o.do(func(s *State) {
			s.Ran++
			s.Last = i
			ran++
		})
	}
	return ran
}

func (o *mutexObject) Hold() (release func()) {
	o.mu.Lock()
	return o.mu.Unlock
}

func (o *mutexObject) Sync(n int) (right int) {
	for i := range n {
		last := o.sync(func(s *State) int {
			s.Ran++
			s.Last = i
			return s.Last
		})
		if last == i {
			right++
		}
	}
	return right
}

func (o *mutexObject) Async(n int) {
	for i := range n {
		o.do(func(s *State) {
			s.Ran++
			s.Last = i
		})
	}
}

func (o *mutexObject) Repeat(n int) {
	job := func(s *State) { s.Ran++ }
	for range n {
		o.do(job)
	}
}

func (o *mutexObject) RoundTrip(n int) (right int) {
	for i := range n {
		o.do(func(s *State) {
			s.Ran++
			s.Last = i
		})
		last := o.sync(func(s *State) int {
			s.Ran++
			return s.Last
		})
		if last == i {
			right++
		}
	}
	return right
}

func (o *mutexObject) Give(job func(*State)) { o.do(job) }

// Lacks implements [Subject].
func (Mutex) Lacks() Reasons { return locks("Lock") }
