package conformance

import (
	"fmt"
	"runtime"
	"slices"

	"github.com/go-desync/go-desync/conformance/internal/pipe"
)

// A call is one call in the peer, with its job.
type call struct {
	order   pipe.Order
	job     func(pipe.Answer) (v int) // nil if it has none, and when the peer has let go of it
	events  chan pipe.Answer          // ret, error, and start if the job runs on the caller's thread
	jobless bool
	back    bool // it has returned
}

// A thread is one of the peer's, on which calls are made.
type thread struct {
	number int
	owner  uint64 // the goroutine that used it last
	busy   bool
	dead   bool // a job has ended it
}

// A seat is where a goroutine makes its calls: on a thread of its own, or on that of the
// job that it runs.
type seat struct {
	thread *thread
	runs   []int64 // of the jobs that it runs, the innermost last
}

// fewThreads is how many threads are made before one is shared by goroutines that take
// turns.
const fewThreads = 16

// sit finds out where the calling goroutine makes its next call. With mu held.
func (c *conn) sit(g uint64) (th *thread, in int64) {
	s := c.seats[g]
	if s == nil {
		s = &seat{}
		c.seats[g] = s
	}
	if n := len(s.runs); n > 0 {
		return nil, s.runs[n-1]
	}
	if th := s.thread; th != nil && !th.busy && !th.dead && th.owner == g {
		th.busy = true
		return th, 0
	}
	free := func(th *thread) bool { return !th.busy && !th.dead }
	i := slices.IndexFunc(c.threads, func(th *thread) bool { return free(th) && th.owner == 0 })
	if i < 0 && len(c.threads) >= fewThreads {
		i = slices.IndexFunc(c.threads, free)
	}
	if i < 0 {
		i = len(c.threads)
		c.threads = append(c.threads, &thread{number: i + 1})
	}
	th = c.threads[i]
	th.owner, th.busy, s.thread = g, true, th
	return th, 0
}

// do makes a call and waits until it has returned. A panic of the call is one here, and a
// thread that was ended ends the goroutine.
func (c *conn) do(o pipe.Order, job func(pipe.Answer) int) (pipe.Answer, *call) {
	k, th := c.begin(o, job)
	return c.finish(k, th), k
}

// finish waits until a call has returned.
func (c *conn) finish(k *call, th *thread) (ret pipe.Answer) {
	returned := false
	defer func() { c.over(k, th, !returned) }()
	ret = c.await(k)
	if ret.Exit {
		runtime.Goexit()
	}
	returned = true
	if ret.Throw != "" {
		panic(c.value(ret.Throw))
	}
	return ret
}

// begin sends a call.
func (c *conn) begin(o pipe.Order, job func(pipe.Answer) int) (*call, *thread) {
	k := &call{job: job, jobless: job == nil, events: make(chan pipe.Answer, 8)}
	c.mu.Lock()
	c.next++
	o.ID = c.next
	th, in := c.sit(goid())
	if th != nil {
		o.C = th.number
	}
	o.In = in
	k.order = o
	c.calls[o.ID] = k
	c.mu.Unlock()
	c.send(o)
	return k, th
}

// over notes that a call has returned, or has ended its thread.
func (c *conn) over(k *call, th *thread, exited bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if th != nil {
		th.busy, th.dead = false, th.dead || exited
	}
	if k.jobless {
		delete(c.calls, k.order.ID)
	}
}

// await waits for the return of a call, and runs its job meanwhile if that runs on the
// caller's thread.
func (c *conn) await(k *call) pipe.Answer {
	for {
		select {
		case a := <-k.events:
			if a.Op != "start" {
				return a
			}
			c.onCaller(k, a)
		case <-c.gone:
			c.vanish()
		}
	}
}

// returned takes a ret.
func (c *conn) returned(k *call, a pipe.Answer) (fault string) {
	c.mu.Lock()
	twice := k.back
	k.back = true
	c.mu.Unlock()
	if twice {
		return fmt.Sprintf("its call %d (%s) returned twice", a.ID, k.order.Kind)
	}
	k.events <- a
	return ""
}

// refused takes an error about a call.
func (c *conn) refused(k *call, a pipe.Answer) (fault string) {
	if k.order.Op == "call" && a.Code == pipe.UnknownKind {
		if l := c.heard.Load(); l != nil {
			l.claims(fmt.Sprintf("it answered the call %q with the error %s: %s", k.order.Kind, a.Code, a.Text))
		}
		c.lose(lostKilled, "")
		return ""
	}
	return fmt.Sprintf("it answered %s %s with the error %s: %s", k.order.Op, k.order.Kind, a.Code, a.Text)
}

// vanish ends a goroutine whose peer is gone.
func (c *conn) vanish() {
	if l := c.heard.Load(); l != nil {
		l.lost(c)
	}
	runtime.Goexit()
}
