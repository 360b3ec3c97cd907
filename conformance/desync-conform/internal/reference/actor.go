package reference

import (
	"context"
	"slices"
	"sync"

	"github.com/go-desync/go-desync/conformance"
	"github.com/go-desync/go-desync/conformance/desync-conform/internal/promise"
)

// Actor returns an implementation without a lock: a goroutine owns the queue, and
// everybody talks to it over channels. It takes every message at once, whatever
// runs, so its queue has no bound.
func Actor() conformance.Factory {
	return conformance.Factory{
		Info: conformance.Implementation{Name: "reference: channel actor"},
		New: func(conformance.Setup) (conformance.Object, error) {
			a := &actor{in: make(chan message), ended: make(chan struct{}), left: make(chan struct{})}
			go a.loop()
			return a, nil
		},
		Features: map[conformance.Feature]conformance.Claim{
			conformance.FeatureIdle:   conformance.Unsupported("the goroutine lives until Close"),
			conformance.FeatureFuture: conformance.Supported(), conformance.FeatureCancel: conformance.Supported(),
			conformance.FeatureCancelFuture: conformance.Supported(), conformance.FeatureTry: conformance.Supported(),
			conformance.FeatureAfter: conformance.Supported(), conformance.FeatureSuspend: conformance.Supported(),
			conformance.FeatureSeveral: conformance.Unsupported("an actor knows of no other"),
			conformance.FeatureClose:   conformance.Supported(), conformance.FeaturePanicHandler: conformance.Supported(),
		},
	}
}

type actor struct {
	state   conformance.State // of the task that runs
	handler func(any)         // set before first use

	in    chan message
	ended chan struct{} // the task that runs has ended
	left  chan struct{} // closed when the goroutine has ended
}

// A message asks for one thing. The answer comes on reply, which has room for it.
type message struct {
	what  request
	task  *task
	reply chan bool
}

type request int

const (
	add    request = iota // queue the task; true unless the actor is closed
	try                   // run the task if the actor is idle; true if so
	remove                // take the task out of the queue; true if it was there
	shut                  // refuse what comes later, and end when the queue is empty
)

// A task is started when its turn has come. Start must not block.
type task struct{ start func() }

// loop is the actor.
func (a *actor) loop() {
	defer close(a.left)
	var queue []*task
	busy, closed := false, false
	for busy || !closed {
		var m message
		select {
		case m = <-a.in:
		case <-a.ended:
			busy = false
		}
		ok := false
		switch {
		case m.reply == nil:
		case m.what == shut:
			closed = true
		case m.what == remove:
			if i := slices.Index(queue, m.task); i >= 0 {
				queue = slices.Delete(queue, i, i+1) // which lets go of the task
				ok = true
			}
		case !closed && (m.what == add || !busy):
			queue = append(queue, m.task)
			ok = true
		}
		if m.reply != nil {
			m.reply <- ok
		}
		if !busy && len(queue) > 0 {
			busy = true
			queue[0].start()
			queue = queue[1:]
		}
	}
}

// ask sends a message and returns the answer, which is false once the actor is gone.
func (a *actor) ask(what request, t *task) bool {
	m := message{what, t, make(chan bool, 1)}
	select {
	case a.in <- m:
		return <-m.reply
	case <-a.left:
		return false
	}
}

func (a *actor) done() { a.ended <- struct{}{} }

// background makes a task of a job that runs on a goroutine of its own.
func (a *actor) background(job func()) *task {
	return &task{func() {
		go func() {
			defer a.done()
			job()
		}()
	}}
}

func (a *actor) mustAdd(t *task) {
	if !a.ask(add, t) {
		panic(errClosed)
	}
}

func (a *actor) Submit(job func(*conformance.State)) bool {
	return a.ask(add, a.background(func() {
		if a.handler != nil {
			defer func() {
				if v := recover(); v != nil {
					go a.handler(v) // it may wait for the object
				}
			}()
		}
		job(&a.state)
	}))
}

func (a *actor) Async(job func(*conformance.State)) {
	if !a.Submit(job) {
		panic(errClosed)
	}
}

func (a *actor) Do(job func(*conformance.State)) {
	turn := make(chan struct{})
	a.mustAdd(&task{func() { close(turn) }})
	<-turn
	defer a.done()
	job(&a.state)
}

func (a *actor) DoContext(ctx context.Context, job func(*conformance.State)) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	turn := make(chan struct{})
	t := &task{func() { close(turn) }}
	if !a.ask(add, t) {
		return errClosed
	}
	select {
	case <-turn:
	case <-ctx.Done():
		if a.ask(remove, t) {
			return ctx.Err()
		}
		<-turn
	}
	defer a.done()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	job(&a.state)
	return nil
}

func (a *actor) TryDo(job func(*conformance.State)) bool {
	turn := make(chan struct{})
	if !a.ask(try, &task{func() { close(turn) }}) {
		return false
	}
	<-turn
	defer a.done()
	job(&a.state)
	return true
}

func (a *actor) Future(job func(*conformance.State) int) conformance.Wait {
	r := promise.New()
	a.mustAdd(a.background(func() { r.Run(func() int { return job(&a.state) }) }))
	return r.Wait
}

func (a *actor) FutureContext(ctx context.Context, job func(*conformance.State) int) conformance.Wait {
	r := promise.New()
	ended := make(chan bool, 1) // false: the job has begun; true: the context has ended
	t := a.background(func() {
		if ctx.Err() != nil {
			return // the goroutine below settles
		}
		select {
		case ended <- false:
			r.Run(func() int { return job(&a.state) })
		default:
		}
	})
	if ctx.Err() != nil {
		r.Settle(0, ctx.Err())
		return r.Wait
	}
	a.mustAdd(t)
	go func() {
		select {
		case <-ctx.Done():
			select {
			case ended <- true:
				a.ask(remove, t)
				r.Settle(0, ctx.Err())
			default:
			}
		case <-r.Done():
		}
	}()
	return r.Wait
}

func (a *actor) After(job func(*conformance.State, int, error) int) (func(int, error), conformance.Wait) {
	in, out := promise.New(), promise.New()
	a.mustAdd(a.background(func() {
		v, err := in.Wait(context.Background())
		out.Run(func() int { return job(&a.state, v, err) })
	}))
	return in.Settle, out.Wait
}

func (a *actor) Suspend() (resume func()) {
	resumed := make(chan struct{})
	a.mustAdd(a.background(func() { <-resumed }))
	return sync.OnceFunc(func() { close(resumed) })
}

func (a *actor) Close() {
	a.ask(shut, nil)
	<-a.left
}

func (a *actor) OnPanic(handler func(any)) { a.handler = handler }
