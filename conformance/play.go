package conformance

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/go-desync/go-desync/conformance/history"
)

// A player runs one program in ordered mode: it stamps calls and jobs from one
// counter.
type player struct {
	t       *trial
	p       *Program
	objects []Object
	clock   atomic.Int64
	ops     []*op        // by ID
	left    atomic.Int64 // jobs that are still to run, plus one until all calls have been made
	all     chan struct{}
	meet    *barrier
	clients [][]*op    // the last is the fences
	first   int        // of the objects of the trial
	lists   []*written // of the objects, if they are to be kept
}

// An op is a call and its job, as they are recorded. The fields are atomic since
// a broken implementation may run the job at any time.
type op struct {
	step                   *Step
	id, client             int
	call, ret, start, end  atomic.Int64
	againStart, againEnd   atomic.Int64
	ran, canceled, refused atomic.Bool // what the caller was told
	off                    atomic.Bool // it no longer counts among those that are left
}

// play runs a program and returns its history. Hung says that some call never
// returned, or some wait never ended.
func (t *trial) play(p *Program) (h *history.History, hung bool) {
	if t.remote != nil && t.remote.hello.Play {
		return t.playInPeer(p)
	}
	pl := t.newPlayer(p)
	hung = pl.run()
	return pl.history(), hung
}

// newPlayer makes what a program needs.
func (t *trial) newPlayer(p *Program) *player {
	if runtime.GOMAXPROCS(0) != p.Procs {
		runtime.GOMAXPROCS(p.Procs)
	}
	pl := &player{t: t, p: p, all: make(chan struct{}), meet: &barrier{parties: len(p.Clients)}}
	pl.meet.next = make(chan struct{})
	pl.first = len(t.objects)
	for range p.Objects {
		pl.objects = append(pl.objects, t.object())
	}
	pl.left.Store(1)
	pl.clients = make([][]*op, len(p.Clients)+1)
	for c, steps := range p.Clients {
		for i := range steps {
			pl.clients[c] = append(pl.clients[c], pl.add(c, &steps[i]))
		}
	}
	fences := make([]Step, p.Objects)
	for i := range fences {
		fences[i] = Step{Kind: stepDo, Object: i}
		pl.clients[len(p.Clients)] = append(pl.clients[len(p.Clients)], pl.add(len(p.Clients), &fences[i]))
	}
	return pl
}

// run plays the program. It reports whether some call never returned, or some wait never
// ended.
func (pl *player) run() (hung bool) {
	t, clients := pl.t, pl.clients
	t.expect("all calls of a random program return, and all of its jobs run")
	done := t.goes(func() {
		var wg sync.WaitGroup
		for _, ops := range clients[:len(clients)-1] {
			wg.Go(func() { defer t.catch(); pl.client(ops) })
		}
		wg.Wait()
		if !t.failed() {
			pl.client(clients[len(clients)-1])
		}
		pl.gone()
	})
	hung = !t.comes(done) || !t.failed() && !t.comes(pl.all)
	if !hung && !t.failed() {
		t.closeSince(pl.first)
	}
	return hung
}

// closeSince closes the objects that were made after the first n, and forgets them.
func (t *trial) closeSince(n int) {
	t.mu.Lock()
	objects := t.objects[n:]
	t.objects = t.objects[:n:n]
	t.mu.Unlock()
	if t.has(FeatureClose) {
		for _, o := range objects {
			o.(Closer).Close()
		}
	}
}

func (pl *player) add(client int, s *Step) *op {
	o := &op{step: s, client: client, id: len(pl.ops)}
	if s.Kind != stepBarrier {
		pl.ops = append(pl.ops, o)
		pl.left.Add(1)
	}
	return o
}

// gone counts down what is left.
func (pl *player) gone() {
	if pl.left.Add(-1) == 0 {
		close(pl.all)
	}
}

// over counts an op that has run or never will, once.
func (pl *player) over(o *op) {
	if o.off.CompareAndSwap(false, true) {
		pl.gone()
	}
}

// client makes one client's calls, then waits for what they promise.
func (pl *player) client(ops []*op) {
	var waits []func()
	for _, o := range ops {
		if o.step.Kind == stepBarrier {
			pl.meet.pass()
			continue
		}
		o.step.Before.pass()
		if wait := pl.call(o); wait != nil {
			waits = append(waits, wait)
		}
		o.step.After.pass()
	}
	for _, wait := range waits {
		wait()
	}
}

// call makes one call. The wait that it returns, if any, ends when the caller
// knows what became of the job.
func (pl *player) call(o *op) (wait func()) {
	object := pl.objects[o.step.Object]
	job := func(*State) { pl.job(o) }
	value := func(*State) int { pl.job(o); return o.id }
	ctx, cancel := o.step.context()
	o.call.Store(pl.clock.Add(1))
	switch o.step.Kind {
	case stepAsync:
		object.Async(job)
	case stepDo:
		object.Do(job)
		o.ran.Store(true)
	case stepFuture:
		w := object.(Futurer).Future(value)
		wait = func() { pl.told(o, w) }
	case stepContext:
		err := object.(Canceler).DoContext(ctx, job)
		cancel()
		if err == nil {
			o.ran.Store(true)
		} else {
			o.canceled.Store(true)
			pl.over(o)
		}
	case stepFutureContext:
		w := object.(FutureCanceler).FutureContext(ctx, value)
		wait = func() { pl.told(o, w); cancel() }
	case stepTry:
		if object.(Trier).TryDo(job) {
			o.ran.Store(true)
		} else {
			o.refused.Store(true)
			pl.over(o)
		}
	case stepAfter:
		settle, w := object.(Afterer).After(func(*State, int, error) int { pl.job(o); return o.id })
		go func() { defer pl.t.catch(); o.step.After.pass(); settle(o.id, nil) }()
		wait = func() { pl.told(o, w) }
	case stepSubmit:
		if !object.(Closer).Submit(job) {
			o.refused.Store(true)
			pl.over(o)
		}
	case stepSeveral:
		var also []Object
		for _, i := range o.step.Also {
			also = append(also, pl.objects[i])
		}
		object.(MultiHolder).DoAll(also, func([]*State) { pl.job(o) })
		o.ran.Store(true)
	}
	o.ret.Store(pl.clock.Add(1))
	return wait
}

// context returns a context that ends as the step says, at the latest when cancel
// is called.
func (s *Step) context() (ctx context.Context, cancel context.CancelFunc) {
	if s.Kind != stepContext && s.Kind != stepFutureContext {
		return context.Background(), func() {}
	}
	ctx, cancel = context.WithCancel(context.Background())
	switch c := s.Cancel; {
	case c == nil:
	case *c == Pause{}:
		cancel()
	default:
		go func() { c.pass(); cancel() }()
	}
	return ctx, cancel
}

// told waits for a result, and records what it says of the job. What is wrong with
// the result itself is for the rules on futures.
func (pl *player) told(o *op, w Wait) {
	v, err := w(context.Background())
	switch {
	case err != nil && o.step.Kind == stepFutureContext:
		o.canceled.Store(true)
		pl.over(o)
	case err == nil && v == o.id:
		o.ran.Store(true)
	}
}
