package conformance

import (
	"context"
	"flag"
	"runtime/pprof"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-desync/go-desync/conformance/internal/apart"
)

// The objects of this file are odd and correct.

// polled looks for work every 10 ms, and runs one job then.
func polled(Setup) (Object, error) {
	return newSlow(func(int) { <-time.After(10 * time.Millisecond) }), nil
}

// slowly takes 1 to 5 ms to hand over.
func slowly(Setup) (Object, error) {
	return newSlow(func(n int) { time.Sleep(time.Duration(1+n%5) * time.Millisecond) }), nil
}

// slow is a lane whose worker rests before each job.
type slow struct {
	*lane
	n    int
	rest func(n int)
}

func newSlow(rest func(int)) *slow { return &slow{lane: newLane(), rest: rest} }

func (s *slow) Async(job func(*State)) {
	s.lane.Async(func(data *State) { s.rest(s.n); s.n++; job(data) })
}

func (s *slow) Do(job func(*State)) {
	turn, over := make(chan struct{}), make(chan struct{})
	s.Async(func(*State) { close(turn); <-over })
	<-turn
	defer close(over)
	job(s.state)
}

// madeSlowly makes objects which are as quick as any once they are there.
func madeSlowly(Setup) (Object, error) {
	time.Sleep(200 * time.Millisecond)
	return newLane(), nil
}

// chain has a goroutine for each job, which waits for the one in front of it.
type chain struct {
	mu    sync.Mutex
	last  chan struct{}
	state State
}

func newChain(Setup) (Object, error) {
	c := &chain{last: make(chan struct{})}
	close(c.last)
	return c, nil
}

func (c *chain) link() (before, own chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	before, c.last = c.last, make(chan struct{})
	return before, c.last
}

func (c *chain) Async(job func(*State)) {
	before, own := c.link()
	go func() {
		pprof.SetGoroutineLabels(context.Background())
		<-before
		defer close(own)
		job(&c.state)
	}()
}

func (c *chain) Do(job func(*State)) {
	before, own := c.link()
	<-before
	defer close(own)
	job(&c.state)
}

// ticketed has a goroutine for each job too; who is done calls the next number.
type ticketed struct {
	mu           sync.Mutex
	next, called int
	waiting      map[int]chan struct{}
	state        State
}

func newTicketed(Setup) (Object, error) { return &ticketed{waiting: map[int]chan struct{}{}}, nil }

func (k *ticketed) draw() (turn chan struct{}) {
	k.mu.Lock()
	defer k.mu.Unlock()
	turn = make(chan struct{})
	if k.next == k.called {
		close(turn)
	} else {
		k.waiting[k.next] = turn
	}
	k.next++
	return turn
}

func (k *ticketed) pass() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.called++
	if turn := k.waiting[k.called]; turn != nil {
		delete(k.waiting, k.called)
		close(turn)
	}
	if len(k.waiting) == 0 {
		k.waiting = map[int]chan struct{}{}
	}
}

func (k *ticketed) Async(job func(*State)) {
	turn := k.draw()
	go func() {
		pprof.SetGoroutineLabels(context.Background())
		<-turn
		defer k.pass()
		job(&k.state)
	}()
}

func (k *ticketed) Do(job func(*State)) {
	<-k.draw()
	defer k.pass()
	job(&k.state)
}

// combining has whoever finds the object idle run the jobs of others too, until its own
// is done. Its nodes come from a pool, which is not told to forget their jobs.
type combining struct {
	mu    sync.Mutex
	head  *combined
	tail  *combined
	busy  bool
	state State
}

type combined struct {
	job  func(*State)
	done atomic.Pointer[chan struct{}]
	next *combined
}

var combinedPool = sync.Pool{New: func() any { return new(combined) }}

func newCombining(Setup) (Object, error) { return new(combining), nil }

// put queues a job, and reports whether the caller is to combine.
func (c *combining) put(job func(*State), done *chan struct{}) bool {
	n := combinedPool.Get().(*combined)
	n.job, n.next = job, nil
	n.done.Store(done)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tail == nil {
		c.head = n
	} else {
		c.tail.next = n
	}
	c.tail = n
	first := !c.busy
	c.busy = true
	return first
}

// combine runs jobs until none is left, or until one of them is done.
func (c *combining) combine(until chan struct{}) {
	for {
		select {
		case <-until:
			go c.combine(nil) // what comes later is not to be waited for
			return
		default:
		}
		c.mu.Lock()
		n := c.head
		if n == nil {
			c.busy = false
			c.mu.Unlock()
			return
		}
		if c.head = n.next; c.head == nil {
			c.tail = nil
		}
		c.mu.Unlock()
		n.job(&c.state)
		if done := n.done.Load(); done != nil {
			close(*done)
		}
		combinedPool.Put(n)
	}
}

func (c *combining) Async(job func(*State)) {
	if c.put(job, nil) {
		go func() {
			pprof.SetGoroutineLabels(context.Background())
			c.combine(nil)
		}()
	}
}

func (c *combining) Do(job func(*State)) {
	done := make(chan struct{})
	if c.put(job, &done) {
		c.combine(done)
	}
	<-done
}

func odd(name string) Factory {
	none := map[Feature]Claim{}
	f := Factory{Info: Implementation{Name: name}, Features: none}
	switch name {
	case "polled":
		f.New = polled
	case "slow hand-over":
		f.New = slowly
	case "slow constructor":
		f.New = madeSlowly
	case "chain":
		f.New = newChain
	case "tickets":
		f.New = newTicketed
	case "combining":
		f.New = newCombining
		no := Unsupported("whoever is first runs all")
		f.Features = map[Feature]Claim{FeatureCaller: no, FeaturePanics: no, FeatureGoexit: no, FeatureCrash: no}
	}
	if name == "polled" || name == "slow hand-over" || name == "slow constructor" {
		f.Features = laneFactory(nil).Features
	}
	return f
}

var oddAll = flag.Bool("odd-all", false, "check the odd objects by all rules, not only by those that are about what is odd")

func TestOddObjectsAreNotBlamed(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long; without -short it runs")
	}
	for _, tc := range []struct {
		name  string
		rules []string
	}{
		{"polled", []string{"MEM-1/async", "MEM-1/do", "FAIR-1", "EXE-2/idle-and-busy", "LEAK-1"}},
		{"slow hand-over", []string{"ORD-4/long-queue", "ASY-1/long-queue", "FAIR-1", "LEAK-1", "LEAK-2/last-job", "LEAK-2/queue"}},
		{"slow constructor", []string{"PAR-1/all-at-once", "LEAK-1"}},
		{"chain", []string{"LEAK-2/queue"}},
		{"tickets", []string{"LEAK-2/queue"}},
		{"combining", []string{"LEAK-2", "EXE-2/idle-and-busy"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if apart.Ran(t) {
				return
			}
			rules := tc.rules
			if *oddAll {
				rules = nil
			}
			start := time.Now()
			r := check(t, odd(tc.name), children(t), WithRules(rules...))
			for _, rule := range r.Rules {
				for _, c := range rule.Cases {
					switch {
					case c.Failure != nil:
						t.Errorf("%s fails on an object that is odd and correct:\n%s", c.Case, c.Failure)
					case c.Verdict == Inconclusive && !strings.Contains(c.Detail, "too slow"):
						t.Errorf("%s: %s", c.Case, c.Detail)
					case c.Verdict == Inconclusive || c.Duration > 2*time.Second:
						t.Logf("%s: %s %s (%v)", c.Case, c.Verdict, c.Detail, c.Duration)
					}
				}
			}
			t.Log(time.Since(start))
		})
	}
}
