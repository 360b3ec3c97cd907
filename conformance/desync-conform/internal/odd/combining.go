package odd

import (
	"context"
	"runtime/pprof"
	"sync"

	"github.com/go-desync/go-desync/conformance"
)

// combining is a list of jobs. Whoever finds nobody at work works, on the jobs of
// others too.
type combining struct {
	state conformance.State // of who works

	mu   sync.Mutex
	all  []*wish
	busy bool
}

// A wish is a job of a Do, or one in the background.
type wish struct {
	job    func(*conformance.State)
	done   chan struct{} // nil in the background
	thrown any
}

func (c *combining) Async(job func(*conformance.State)) {
	if c.add(&wish{job: job}) {
		go c.work()
	}
}

func (c *combining) Do(job func(*conformance.State)) {
	w := &wish{job: job, done: make(chan struct{})}
	if c.add(w) {
		c.run(w)
		if c.more() {
			go c.work()
		}
	}
	<-w.done
	if w.thrown != nil {
		panic(w.thrown)
	}
}

// add adds a wish and reports whether nobody is at work.
func (c *combining) add(w *wish) (first bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	first = !c.busy
	if c.busy = true; !first || w.done == nil {
		c.all = append(c.all, w)
	}
	return first
}

// more reports whether there is something to do, and ends the work if there is not.
func (c *combining) more() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy = len(c.all) > 0
	return c.busy
}

func (c *combining) work() {
	for next := true; next; next = c.more() {
		pprof.SetGoroutineLabels(context.Background())
		c.run(c.take())
	}
}

func (c *combining) take() *wish {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := c.all[0]
	c.all[0] = nil
	if c.all = c.all[1:]; len(c.all) == 0 {
		c.all = nil
	}
	return w
}

func (c *combining) run(w *wish) {
	if w.done != nil {
		defer func() {
			w.thrown = recover()
			close(w.done)
		}()
	}
	w.job(&c.state)
}
