package conformance

import (
	"cmp"
	"context"
	"errors"
	"runtime"
	"sync"
	"time"

	"github.com/go-desync/go-desync/conformance/internal/pipe"
)

// A remoteObject is an object of a peer. It has the methods of every feature; which of
// them count, the peer's hello says.
type remoteObject struct {
	c *conn
	o int
}

// object makes one.
func (c *conn) object() (Object, error) {
	c.mu.Lock()
	c.objects++
	n := c.objects
	c.mu.Unlock()
	if ret, _ := c.do(pipe.Order{Op: "new", O: n}, nil); ret.Err != "" {
		return nil, errors.New(ret.Err)
	}
	return &remoteObject{c, n}, nil
}

// state is the State that the number a job got stands for.
func (c *conn) state(n int) *State {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.states[n]
	if s == nil {
		s = new(State)
		c.states[n] = s
	}
	return s
}

// first is the State of a job on one object.
func (r *remoteObject) first(a pipe.Answer) *State {
	if len(a.S) == 0 {
		return r.c.state(r.o)
	}
	return r.c.state(a.S[0])
}

func (r *remoteObject) order(kind string) pipe.Order {
	return pipe.Order{Op: "call", Kind: kind, O: r.o}
}

func (r *remoteObject) plain(job func(*State)) func(pipe.Answer) int {
	return func(a pipe.Answer) int { job(r.first(a)); return 0 }
}

func (r *remoteObject) valued(job func(*State) int) func(pipe.Answer) int {
	return func(a pipe.Answer) int { return job(r.first(a)) }
}

func (r *remoteObject) Async(job func(*State)) { r.c.do(r.order(pipe.Async), r.plain(job)) }
func (r *remoteObject) Do(job func(*State))    { r.c.do(r.order(pipe.Do), r.plain(job)) }
func (r *remoteObject) Close()                 { r.c.do(r.order(pipe.Close), nil) }

func (r *remoteObject) TryDo(job func(*State)) bool {
	ret, _ := r.c.do(r.order(pipe.Try), r.plain(job))
	return ret.OK
}

func (r *remoteObject) Submit(job func(*State)) bool {
	ret, _ := r.c.do(r.order(pipe.Submit), r.plain(job))
	return ret.OK
}

func (r *remoteObject) OnPanic(handler func(any)) {
	r.c.do(r.order(pipe.OnPanic), func(a pipe.Answer) int { handler(r.c.value(a.Throw)); return 0 })
}

func (r *remoteObject) DoAll(others []Object, job func([]*State)) {
	o := r.order(pipe.DoAll)
	for _, other := range others {
		o.Also = append(o.Also, other.(*remoteObject).o)
	}
	r.c.do(o, func(a pipe.Answer) int {
		var states []*State
		for _, n := range a.S {
			states = append(states, r.c.state(n))
		}
		for n := len(states); n <= len(others); n++ {
			states = append(states, new(State))
		}
		job(states)
		return 0
	})
}

func (r *remoteObject) Suspend() (resume func()) {
	_, k := r.c.do(r.order(pipe.Suspend), nil)
	return func() { r.c.do(pipe.Order{Op: "call", Kind: pipe.Resume, O: r.o, F: k.order.ID}, nil) }
}

func (r *remoteObject) Future(job func(*State) int) Wait {
	_, k := r.c.do(r.order(pipe.Future), r.valued(job))
	return r.c.wait(r.o, k.order.ID, nil)
}

func (r *remoteObject) After(job func(s *State, v int, err error) int) (settle func(int, error), wait Wait) {
	var given error
	_, k := r.c.do(r.order(pipe.After), func(a pipe.Answer) int {
		err := given
		if a.Err == "" {
			err = nil
		} else if err == nil || a.Err != err.Error() {
			err = errors.New(a.Err)
		}
		return job(r.first(a), a.V, err)
	})
	settle = func(v int, err error) {
		o := pipe.Order{Op: "call", Kind: pipe.Settle, O: r.o, F: k.order.ID, V: v}
		if err != nil {
			given, o.Err = err, err.Error()
		}
		r.c.do(o, nil)
	}
	return settle, r.c.wait(r.o, k.order.ID, nil)
}

// A givenUpError is what a call is told that was given up since its context ended.
type givenUpError struct {
	text string
	ctx  context.Context
}

func (e *givenUpError) Error() string { return e.text }

func (e *givenUpError) Unwrap() []error {
	if err := e.ctx.Err(); err != nil {
		return []error{err, context.Cause(e.ctx)}
	}
	return nil
}

// tell tells the peer when ctx ends, until over is closed.
func (c *conn) tell(ctx context.Context, id int64, over <-chan struct{}) {
	select {
	case <-ctx.Done():
		c.send(pipe.Order{Op: "cancel", ID: id})
	case <-over:
	case <-c.gone:
	}
}

func (r *remoteObject) DoContext(ctx context.Context, job func(*State)) error {
	o, over := r.order(pipe.DoContext), make(chan struct{})
	defer close(over)
	o.Ended = ctx.Err() != nil
	k, th := r.c.begin(o, r.plain(job))
	if !o.Ended && ctx.Done() != nil {
		go r.c.tell(ctx, k.order.ID, over)
	}
	if ret := r.c.finish(k, th); !ret.OK {
		return &givenUpError{cmp.Or(ret.Err, "the call was given up"), ctx}
	}
	return nil
}

func (r *remoteObject) FutureContext(ctx context.Context, job func(*State) int) Wait {
	o, known := r.order(pipe.FutureContext), make(chan struct{})
	o.Ended = ctx.Err() != nil
	k, th := r.c.begin(o, r.valued(job))
	if !o.Ended && ctx.Done() != nil {
		go r.c.tell(ctx, k.order.ID, known)
	}
	r.c.finish(k, th)
	var once sync.Once
	return r.c.wait(r.o, k.order.ID, func() { once.Do(func() { close(known) }) })
}

// A future lets the peer know when nothing refers to it any more.
type future struct{ o int }

// giveUpWithin is how long a peer has to give up a wait by itself.
const giveUpWithin = 20 * time.Millisecond

// wait returns the wait for the result of call f. It calls known when there is one.
func (c *conn) wait(o int, f int64, known func()) Wait {
	h := &future{o}
	runtime.AddCleanup(h, func(f int64) { go c.send(pipe.Order{Op: "drop", F: f}) }, f)
	return func(ctx context.Context) (int, error) {
		defer runtime.KeepAlive(h)
		order := pipe.Order{Op: "call", Kind: pipe.Wait, O: h.o, F: f, Ended: ctx.Err() != nil}
		if ctx.Done() == nil {
			ret, _ := c.do(order, nil)
			return result(ret, known)
		}
		type outcome struct {
			ret  pipe.Answer
			gone bool
		}
		k, th := c.begin(order, nil)
		over, came := make(chan struct{}), make(chan outcome, 1)
		defer close(over)
		if !order.Ended {
			go c.tell(ctx, k.order.ID, over)
		}
		go func() { // it goes on when the wait has been given up
			out := outcome{gone: true}
			defer func() { came <- out }()
			out.ret = c.finish(k, th)
			out.gone = false
		}()
		select {
		case out := <-came:
			return resultOf(c, out.ret, out.gone, known)
		case <-ctx.Done():
		}
		timer := time.NewTimer(giveUpWithin)
		defer timer.Stop()
		select {
		case out := <-came:
			return resultOf(c, out.ret, out.gone, known)
		case <-timer.C:
			return 0, ctx.Err()
		}
	}
}

func resultOf(c *conn, ret pipe.Answer, gone bool, known func()) (int, error) {
	if gone {
		c.vanish()
	}
	return result(ret, known)
}

// result is what a wait gives.
func result(ret pipe.Answer, known func()) (int, error) {
	if known != nil {
		known()
	}
	if ret.Err != "" {
		return 0, errors.New(ret.Err)
	}
	return ret.V, nil
}
