package subject

import "sync"

// lockObject is the object of a lock. It does the same as the mutex's object.
type lockObject[L sync.Locker] struct {
	l L
	s State
}

func (o *lockObject[L]) do(job func(*State)) {
	o.l.Lock()
	defer o.l.Unlock()
	job(&o.s)
}

func (o *lockObject[L]) sync(job func(*State) int) int {
	o.l.Lock()
	defer o.l.Unlock()
	return job(&o.s)
}

func (o *lockObject[L]) Wait() int {
	return o.sync(func(s *State) int { return s.Ran })
}

func (o *lockObject[L]) Give(job func(*State)) { o.do(job) }

func (o *lockObject[L]) Close() {}

func (o *lockObject[L]) Do(n int) (ran int) {
	for i := range n {
		o.do(func(s *State) {
			s.Ran++
			s.Last = i
			ran++
		})
	}
	return ran
}

func (o *lockObject[L]) Hold() (release func()) {
	o.l.Lock()
	return o.l.Unlock
}

func (o *lockObject[L]) Sync(n int) (right int) {
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

func (o *lockObject[L]) Async(n int) {
	for i := range n {
		o.do(func(s *State) {
			s.Ran++
			s.Last = i
		})
	}
}

func (o *lockObject[L]) Repeat(n int) {
	job := func(s *State) { s.Ran++ }
	for range n {
		o.do(job)
	}
}

func (o *lockObject[L]) RoundTrip(n int) (right int) {
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

// locks returns the reasons of all locks; lock is the name of the call.
func locks(lock string) Reasons {
	return Reasons{
		Await:      "a lock has no futures",
		Cancel:     lock + " waits until it has the lock",
		Background: "the caller of " + lock + " runs the job itself, on one core",
		Again:      "a goroutine that holds the lock and calls " + lock + " waits forever",
		Unbounded:  "a lock has no queue of jobs",
	}
}
