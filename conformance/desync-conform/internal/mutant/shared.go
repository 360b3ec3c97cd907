package mutant

import (
	"sync"
	"sync/atomic"
)

// shared is what the objects of a factory have in common.
type shared struct {
	fault
	param
	objects atomic.Uint64
	workers chan struct{} // one element for each that is busy, or nil: no bound
	lock    sync.Mutex    // for globalLock
	hot     sync.RWMutex  // for hotObjectStarves
	stripes []sync.Mutex  // for objectsShareStripes
	jobs    int           // for objectsShareCounter

	running sync.Map // for those that ask from where they are called: goroutines that run a job
}

// prepare is called before the first object is made.
func (s *shared) prepare(p param) {
	s.param = p
	switch s.fault {
	case globalWorker:
		s.workers = make(chan struct{}, 1)
	case fixedPool:
		s.workers = make(chan struct{}, 64)
	case poolExhausted:
		s.workers = make(chan struct{}, p.n)
	case objectsShareStripes:
		s.stripes = make([]sync.Mutex, p.n)
	}
}

func (s *shared) object() *object {
	o := &object{shared: s, number: s.objects.Add(1)}
	o.queue.shared = s
	o.changed.L = &o.mu
	switch s.fault {
	case goroutineLeak:
		never := make(chan struct{})
		go func() { <-never }()
	case resumeEndsNext:
		o.resumes = make(chan struct{}, 1<<10)
	}
	return o
}
