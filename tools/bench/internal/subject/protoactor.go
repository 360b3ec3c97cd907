package subject

import (
	"log/slog"
	"sync"

	"github.com/asynkron/protoactor-go/actor"
)

// ProtoActor is an actor of protoactor-go, whose messages are jobs. All its objects
// are actors of one system, which is made with the first.
type ProtoActor struct {
	once sync.Once
	root *actor.RootContext
}

// Name implements [Subject].
func (*ProtoActor) Name() string { return "protoactor-go" }

// Module implements [Library].
func (*ProtoActor) Module() string { return "github.com/asynkron/protoactor-go" }

// New implements [Subject].
func (p *ProtoActor) New() Object {
	p.once.Do(func() {
		p.root = actor.NewActorSystem(actor.WithLoggerFactory(func(*actor.ActorSystem) *slog.Logger {
			return slog.New(slog.DiscardHandler)
		})).Root
	})
	return &protoObject{root: p.root, pid: p.root.Spawn(actor.PropsFromProducer(func() actor.Actor {
		return new(stateActor)
	}))}
}

// Lacks implements [Subject].
func (*ProtoActor) Lacks() Reasons {
	return Reasons{Cancel: "a message that was sent is received"}
}

type stateActor struct{ s State }

func (a *stateActor) Receive(c actor.Context) {
	switch job := c.Message().(type) {
	case func(*State):
		job(&a.s)
	case func(*State) int:
		c.Respond(job(&a.s))
	}
}

type protoObject struct {
	root *actor.RootContext
	pid  *actor.PID
}

const noTimeout = -1

// request returns a future of the job's result.
func (o *protoObject) request(job func(*State) int) *actor.Future {
	return o.root.RequestFuture(o.pid, job, noTimeout)
}

// result returns the result of a request, or -1, which is no job's result, if the
// request failed.
func result(f *actor.Future) int {
	v, err := f.Result()
	if n, ok := v.(int); ok && err == nil {
		return n
	}
	return -1
}

func (o *protoObject) Give(job func(*State)) { o.root.Send(o.pid, job) }

func (o *protoObject) Wait() int {
	return result(o.request(func(s *State) int { return s.Ran }))
}

func (o *protoObject) Close() { o.root.Stop(o.pid) }

func (o *protoObject) Do(n int) (ran int) {
	for i := range n {
		_ = o.request(func(s *State) int {
			s.Ran++
			s.Last = i
			ran++
			return 0
		}).Wait()
	}
	return ran
}

func (o *protoObject) Hold() (release func()) {
	begun, gate := make(chan struct{}), make(chan struct{})
	o.Give(func(*State) {
		close(begun)
		<-gate
	})
	<-begun
	return func() { close(gate) }
}

func (o *protoObject) Sync(n int) (right int) { return o.Await(n) }

func (o *protoObject) Await(n int) (right int) {
	for i := range n {
		later := o.request(func(s *State) int {
			s.Ran++
			s.Last = i
			return s.Last
		})
		if result(later) == i {
			right++
		}
	}
	return right
}

func (o *protoObject) Async(n int) {
	for i := range n {
		o.Give(func(s *State) {
			s.Ran++
			s.Last = i
		})
	}
}

func (o *protoObject) Repeat(n int) {
	job := func(s *State) { s.Ran++ }
	for range n {
		o.Give(job)
	}
}

func (o *protoObject) RoundTrip(n int) (right int) {
	for i := range n {
		o.Give(func(s *State) {
			s.Ran++
			s.Last = i
		})
		last := o.request(func(s *State) int {
			s.Ran++
			return s.Last
		})
		if result(last) == i {
			right++
		}
	}
	return right
}
