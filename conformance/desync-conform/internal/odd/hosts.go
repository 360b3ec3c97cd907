package odd

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// linger returns what starts jobs on a worker that stays for a while.
func linger() func(func()) {
	next := make(chan func())
	return func(f func()) {
		select {
		case next <- f:
		default:
			go stay(next, f)
		}
	}
}

func stay(next <-chan func(), f func()) {
	rest := time.NewTimer(0)
	defer rest.Stop()
	for f != nil {
		f()
		f = nil
		rest.Reset(20 * time.Millisecond)
		select {
		case f = <-next:
		case <-rest.C:
		}
	}
}

// A pool is one worker for the jobs of several objects.
type pool struct {
	once sync.Once
	mu   sync.Mutex
	more *sync.Cond
	all  []func()
}

func newPool() *pool {
	p := new(pool)
	p.more = sync.NewCond(&p.mu)
	return p
}

func (p *pool) start(f func()) {
	p.once.Do(func() { go p.work() })
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all = append(p.all, f)
	p.more.Signal()
}

func (p *pool) work() {
	defer func() { go p.work() }() // the job called runtime.Goexit
	for {
		p.take()()
	}
}

func (p *pool) take() func() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.all) == 0 {
		p.more.Wait()
	}
	f := p.all[0]
	p.all[0] = nil
	if p.all = p.all[1:]; len(p.all) == 0 {
		p.all = nil
	}
	return f
}

// perCPU are pools that objects are given in turns.
type perCPU struct {
	pools []*pool
	given atomic.Uint64
}

func newPerCPU() *perCPU {
	c := &perCPU{pools: make([]*pool, runtime.NumCPU())}
	for i := range c.pools {
		c.pools[i] = newPool()
	}
	return c
}

func (c *perCPU) next() func(func()) {
	return c.pools[c.given.Add(1)%uint64(len(c.pools))].start
}

// stealing are workers, each with jobs of its own.
type stealing struct {
	once  sync.Once
	mu    sync.Mutex
	more  *sync.Cond
	jobs  [][]func() // of each worker
	given int
}

func newStealing(workers int) *stealing {
	s := &stealing{jobs: make([][]func(), workers)}
	s.more = sync.NewCond(&s.mu)
	return s
}

func (s *stealing) start(f func()) {
	s.once.Do(func() {
		for i := range s.jobs {
			go s.work(i)
		}
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.given++
	own := &s.jobs[s.given%len(s.jobs)]
	*own = append(*own, f)
	s.more.Signal()
}

func (s *stealing) work(i int) {
	defer func() { go s.work(i) }() // the job called runtime.Goexit
	for {
		s.take(i)()
	}
}

// take takes the newest job of a worker's own, or the oldest of another's.
func (s *stealing) take(i int) func() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		if own := s.jobs[i]; len(own) > 0 {
			f := own[len(own)-1]
			own[len(own)-1] = nil
			s.jobs[i] = own[:len(own)-1]
			return f
		}
		for j, other := range s.jobs {
			if len(other) > 0 {
				f := other[0]
				other[0] = nil
				s.jobs[j] = other[1:]
				return f
			}
		}
		s.more.Wait()
	}
}
