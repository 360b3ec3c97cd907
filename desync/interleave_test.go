//go:build desynchooks && !race

// Not with the race detector: it makes sync.Pool forget at random, so that a schedule
// cannot be played twice.

package desync

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"runtime"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/go-desync/go-desync/futures"
)

var preemptions = flag.Int("preemptions", 2, "how often a schedule may take the processor from a goroutine that could go on")

// The tests of this file run small scripts of calls under a scheduler of their
// own: every goroutine stops at every point of the state machine, one at a time
// goes on to its next, and all schedules are tried in which at most so many
// goroutines are preempted. With two preemptions every pair of points is covered
// at which one side stands while the other comes and goes.

// A stop is a goroutine that stands at a point.
type stop struct {
	at   point
	g    string // the goroutine's number
	name string // the client, or nothing for a drainer
	goOn chan struct{}
}

type scheduler struct {
	mu      sync.Mutex
	names   map[string]string // of the clients, by goroutine
	arrived []*stop
}

func (s *scheduler) at(p point) {
	st := &stop{at: p, g: goid(), goOn: make(chan struct{})}
	s.mu.Lock()
	st.name = s.names[st.g]
	s.arrived = append(s.arrived, st)
	s.mu.Unlock()
	<-st.goOn
}

func goid() string {
	var buf [64]byte
	f := bytes.Fields(buf[:runtime.Stack(buf[:], false)])
	return string(f[1])
}

// locks says that the goroutine is about to lock mu, inside that it has it.
func (p point) locks() bool {
	switch p {
	case pushLock, joinLock, passLock, frontLock, beginLock, abandonLock, retakeLock, giveUpLock:
		return true
	}
	return false
}

func (p point) inside() bool {
	switch p {
	case pushAnnounce, joinLook, wakeSwap, retakeLook, strictSwap:
		return true
	}
	return false
}

// choices is one path through the tree of schedules.
type choices struct {
	taken, open []int
}

// next moves to the next path and reports whether there is one.
func (c *choices) next() bool {
	for i := len(c.taken) - 1; i >= 0; i-- {
		if c.taken[i]+1 < c.open[i] {
			c.taken = append(c.taken[:i:i], c.taken[i]+1)
			c.open = c.open[:i+1]
			return true
		}
	}
	return false
}

// run lets the goroutines that stand go on, one at a time, along the path c, which
// it extends where it ends. It returns what went on where.
func (s *scheduler) run(c *choices, limit int, pairs map[[2]point]bool) (trace []string) {
	var standing []*stop
	last := ""
	preempted := 0
	for step := 0; ; step++ {
		synctest.Wait()
		s.mu.Lock()
		fresh := s.arrived
		s.arrived = nil
		s.mu.Unlock()
		// In an order that the next run repeats.
		sort.Slice(fresh, func(i, j int) bool {
			return cmp.Or(cmp.Compare(fresh[i].at, fresh[j].at), cmp.Compare(fresh[i].name, fresh[j].name)) < 0
		})
		standing = append(standing, fresh...)

		locked := false
		for _, st := range standing {
			locked = locked || st.at.inside()
		}
		// The goroutine that ran last comes first: choosing it is no preemption.
		var open []*stop
		mayGoOn := false
		for _, st := range standing {
			if st.at.locks() && locked {
				continue
			}
			if st.g == last {
				mayGoOn = true
				open = append([]*stop{st}, open...)
			} else {
				open = append(open, st)
			}
		}
		if len(open) == 0 {
			if len(standing) > 0 {
				panic("a goroutine stands inside mu for good")
			}
			return trace
		}
		if mayGoOn && preempted == limit {
			open = open[:1]
		}
		if step == len(c.taken) {
			c.taken = append(c.taken, 0)
			c.open = append(c.open, len(open))
		}
		if c.taken[step] >= len(open) {
			panic(fmt.Sprintf("a schedule cannot be played twice; so far:\n\t%s", strings.Join(trace, "\n\t")))
		}
		chosen := open[c.taken[step]]
		if mayGoOn && chosen.g != last {
			preempted++
		}
		for i, st := range standing {
			if st == chosen {
				standing = append(standing[:i:i], standing[i+1:]...)
				break
			}
		}
		for _, st := range standing {
			pairs[[2]point{st.at, chosen.at}] = true
		}
		last = chosen.g
		trace = append(trace, fmt.Sprintf("%s goes on from %q", cmp.Or(chosen.name, "drainer "+chosen.g), chosen.at))
		close(chosen.goOn)
	}
}

// A script has a line a client and a letter a call:
//
//	a Async   d Do   t TryDo   f Future   n Async of a job that calls Async
//	p Async that panics   g Async that ends its goroutine
//	P Do that panics      G Do that ends its goroutine (the last call of a client)
//	c DoContext   C FutureContext   k the end of the context of both
//	s Suspend and resume   w After   e Do of the second object
//	2 Sync2 with the second object, x Sync2Context, F Future2, all in either order;
//	k is the end of the context of x too
func play(script []string, c *choices, limit int, pairs map[[2]point]bool) (trace []string, err error) {
	s := &scheduler{names: make(map[string]string)}
	atPoint = s.at
	h := new(history)
	d := New(0, WithPanicHandler(func(*PanicError) {}))
	x := &extras{second: New(0)}
	x.ctx, x.cancel = context.WithCancel(context.Background())
	done := make(chan string, len(script))
	for i, line := range script {
		// The calls are made in advance: h.calls is not guarded.
		calls := make([]*call, 0, 2*len(line))
		for j, kind := range line {
			calls = append(calls, h.add(fmt.Sprintf("call %c%d of client %d", kind, j+1, i+1)))
			if kind == 'n' {
				calls = append(calls, h.add(fmt.Sprintf("the inner call of %c%d of client %d", kind, j+1, i+1)))
			}
		}
		go func() {
			defer func() { done <- line }()
			s.mu.Lock()
			s.names[goid()] = fmt.Sprint("client ", i+1)
			s.mu.Unlock()
			for _, kind := range line {
				c := calls[0]
				calls = calls[1:]
				c.began = h.clock.Add(1)
				switch kind {
				case 'n':
					inner := calls[0]
					calls = calls[1:]
					d.Async(func(n *int) {
						h.enter(c)
						inner.began = h.clock.Add(1)
						d.Async(func(n *int) { h.enter(inner); *n++; h.leave() })
						inner.ended = h.clock.Add(1)
						*n++
						h.leave()
					})
				default:
					call1(d, h, c, kind, x)
				}
				if c.ended == 0 {
					c.ended = h.clock.Add(1)
				}
			}
		}()
	}
	trace = s.run(c, limit, pairs)
	atPoint = func(point) {}
	if n := len(script) - len(done); n > 0 {
		// The bubble cannot be left, so say it here.
		panic(fmt.Sprintf("script %q: %d clients wait forever; state %d, %d pending; schedule:\n\t%s",
			script, n, d.core.state.Load(), d.Pending(), strings.Join(trace, "\n\t")))
	}
	if err := h.check(); err != nil {
		return trace, err
	}
	accepted := 0
	for _, c := range h.calls {
		if !c.refused && !c.suspension {
			accepted++
		}
	}
	switch {
	case d.data != accepted:
		return trace, fmt.Errorf("the jobs counted %d, want %d", d.data, accepted)
	case d.core.state.Load() != idle:
		return trace, fmt.Errorf("the state is %d after everything, want idle", d.core.state.Load())
	case x.second.data != int(x.used.Load()):
		return trace, fmt.Errorf("the jobs of the second object counted %d, want %d", x.second.data, x.used.Load())
	case x.second.core.state.Load() != idle:
		return trace, fmt.Errorf("the state of the second object is %d after everything, want idle", x.second.core.state.Load())
	case d.core.q != nil || x.second.core.q != nil:
		return trace, fmt.Errorf("LEAK-2: the idle object has kept its queue")
	}
	return trace, nil
}

// extras is what some kinds of calls need beside the object.
type extras struct {
	ctx    context.Context
	cancel func()
	second *Desync[int]
	inside atomic.Int32 // jobs of the second object that run
	used   atomic.Int32 // and that have run
	flips  atomic.Int32
}

// use is the part of a job on the second object.
func (x *extras) use(h *history, c *call, m *int) {
	if x.inside.Add(1) != 1 {
		h.fault("EXC-1: the job of %s on the second object began while another was running", c.name)
	}
	*m++
	x.used.Add(1)
	x.inside.Add(-1)
}

func call1(d *Desync[int], h *history, c *call, kind rune, x *extras) {
	job := func(n *int) { h.enter(c); defer h.leave(); *n++ }
	panics := func(n *int) { job(n); panic("on purpose") }
	exits := func(n *int) { job(n); runtime.Goexit() }
	switch kind {
	case 'a':
		d.Async(job)
	case 'd':
		d.Do(job)
	case 't':
		c.refused = !d.TryDo(job)
	case 'f':
		f := d.Future(func(n *int) int { job(n); return *n })
		<-f.Done()
	case 'p':
		d.Async(panics)
	case 'g':
		d.Async(exits)
	case 'P':
		func() {
			defer func() { recover() }()
			d.Do(panics)
		}()
	case 'G':
		defer func() { c.ended = h.clock.Add(1) }()
		d.Do(exits)
	case 'c':
		err := d.DoContext(x.ctx, func(_ context.Context, n *int) error { job(n); return nil })
		c.refused = errors.Is(err, ErrNotRun)
	case 'C':
		f := d.FutureContext(x.ctx, func(_ context.Context, n *int) (int, error) { job(n); return *n, nil })
		<-f.Done()
		r, _ := f.Try()
		c.refused = errors.Is(r.Err, ErrNotRun)
	case 'k':
		c.refused = true
		at("the script: before the context ends")
		x.cancel()
	case 's':
		c.suspension = true
		resume := d.Suspend()
		c.ended = h.clock.Add(1)
		c.ran = h.clock.Add(1)
		resume()
	case 'w':
		var p futures.Promise[int]
		f := d.After(p.Future(), func(n *int, _ int, _ error) int { job(n); return *n })
		p.Resolve(0)
		<-f.Done()
	case 'e':
		c.refused = true // on d
		x.second.Do(func(m *int) { x.use(h, c, m) })
	case '2':
		if x.flips.Add(1)%2 == 0 {
			Sync2(x.second, d, func(m, n *int) int { job(n); x.use(h, c, m); return 0 })
		} else {
			Sync2(d, x.second, func(n, m *int) int { job(n); x.use(h, c, m); return 0 })
		}
	case 'x':
		var err error
		if x.flips.Add(1)%2 == 0 {
			_, err = Sync2Context(x.ctx, x.second, d, func(_ context.Context, m, n *int) (int, error) { job(n); x.use(h, c, m); return 0, nil })
		} else {
			_, err = Sync2Context(x.ctx, d, x.second, func(_ context.Context, n, m *int) (int, error) { job(n); x.use(h, c, m); return 0, nil })
		}
		c.refused = errors.Is(err, ErrNotRun)
	case 'F':
		var f *futures.Future[int]
		if x.flips.Add(1)%2 == 0 {
			f = Future2(x.second, d, func(m, n *int) int { job(n); x.use(h, c, m); return 0 })
		} else {
			f = Future2(d, x.second, func(n, m *int) int { job(n); x.use(h, c, m); return 0 })
		}
		<-f.Done()
	}
}

// TestORD4_EXE2_Interleavings tries the schedules of all pairs of short clients,
// and of some threes, at the idle edge.
func TestORD4_EXE2_Interleavings(t *testing.T) {
	kinds := []string{"a", "d", "t", "f", "n", "p", "P", "G"}
	var scripts [][]string
	for i, a := range kinds {
		for _, b := range kinds[i:] {
			scripts = append(scripts, []string{a, b})
		}
	}
	scripts = append(scripts,
		[]string{"ad", "d"}, []string{"ad", "a"}, []string{"ad", "ad"}, []string{"aa", "d"},
		[]string{"da", "d"}, []string{"dd", "dd"}, []string{"adad"}, []string{"at", "d"},
		[]string{"g", "a"}, []string{"g", "f"}, []string{"pd", "d"},
		[]string{"c", "k"}, []string{"d", "c", "k"}, []string{"a", "c", "k"}, []string{"C", "k"}, []string{"d", "C", "k"},
		[]string{"s", "c", "k"}, []string{"s", "C", "k"}, []string{"c", "C", "k"}, []string{"a", "s", "d"},
		[]string{"s", "a"}, []string{"s", "d"}, []string{"s", "c"}, []string{"s", "s"}, []string{"as", "d"}, []string{"s", "2"},
		[]string{"w", "a"}, []string{"w", "d"}, []string{"w", "w"}, []string{"aw", "d"},
		[]string{"2", "2"}, []string{"2", "a"}, []string{"2", "d"}, []string{"2", "c", "k"}, []string{"a2", "2"},
		// A gathering whose context ends, before and after it has got one of the objects.
		[]string{"x", "k"}, []string{"x", "d"}, []string{"x", "e", "k"}, []string{"d", "x", "k"}, []string{"a", "x", "k"},
		[]string{"2", "x", "k"}, []string{"x", "x", "k"}, []string{"s", "x", "k"}, []string{"x", "c", "k"}, []string{"d", "e", "x", "k"},
		[]string{"xa", "d", "k"}, []string{"x", "xd", "k"}, []string{"a", "x", "e", "k"},
		// A gathering that no goroutine waits for.
		[]string{"F", "a"}, []string{"F", "d"}, []string{"F", "F"}, []string{"F", "2"}, []string{"F", "t"}, []string{"F", "e"},
		[]string{"F", "x", "k"}, []string{"d", "F", "e"}, []string{"s", "F"},
		[]string{"a", "d", "d"}, []string{"a", "a", "d"}, []string{"d", "d", "d"}, []string{"d", "c", "d"},
		// The free mode, and its end.
		[]string{"dd", "d", "d"}, []string{"dd", "dd", "a"}, []string{"d", "d", "t"}, []string{"d", "d", "s"},
		[]string{"d", "d", "w"}, []string{"d", "d", "2"}, []string{"d", "d", "P"}, []string{"d", "d", "G"},
		[]string{"d", "c", "c", "k"}, []string{"d", "d", "c", "k"}, []string{"dd", "c", "a", "k"}, []string{"d", "c", "c", "a", "k"},
		[]string{"d", "d", "d", "d"}, []string{"d", "d", "d", "a"}, []string{"d", "d", "da"}, []string{"da", "dd", "d"},
	)
	pairs := make(map[[2]point]bool)
	schedules := 0
	for _, script := range scripts {
		var c choices
		limit := *preemptions
		switch calls := strings.Join(script, ""); {
		case len(script) == 3 && (calls == "ddd" || calls == "dcd"):
			limit++ // a waiter that is woken in vain while the holder leaves
		case len(script) > 2 && len(calls) > 3:
			limit-- // or there are too many
		}
		for {
			var trace []string
			var err error
			synctest.Test(t, func(*testing.T) { trace, err = play(script, &c, limit, pairs) })
			schedules++
			if err != nil {
				t.Fatalf("script %q: %v\nschedule %v:\n\t%s", script, err, c.taken, strings.Join(trace, "\n\t"))
			}
			if !c.next() {
				break
			}
		}
	}
	t.Logf("%d scripts, %d schedules, %d pairs of points", len(scripts), schedules, len(pairs))

	// Each point must have been stood at while another goroutine went on.
	stood := make(map[point]bool)
	for p := range pairs {
		stood[p[0]] = true
	}
	for _, p := range []point{
		acquireSwap, releaseSwap, pushLock, pushAnnounce, joinLock, joinLook, passLock,
		frontLock, beginLock, abandonLock, unlocked, grantSwap, waitLook, parkSwap, waitEnd,
		wakeSwap, retakeSwap, retakeLock, retakeLook, strictSwap, giveUpLock, countDown, giveUpSwap,
	} {
		if !stood[p] {
			t.Errorf("no schedule had a goroutine stand at %q while another went on", p)
		}
	}
}
