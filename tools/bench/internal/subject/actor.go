package subject

import (
	"context"
	"sync/atomic"
)

// mailbox is the capacity of an actor's channel.
const mailbox = 128

// Actor is a goroutine that owns the state and runs the closures that it receives on a
// channel.
//
// A call is a request with a reply channel. Sync, RoundTrip and Wait make a reply
// channel for each call, as is usual. Do makes one for each calling goroutine and uses
// it again, which is faster: it saves an allocation per call. Reply channels have room
// for the reply, so that the actor does not wait until the caller takes it.
type Actor struct{}

// Name implements [Subject].
func (Actor) Name() string { return ActorName }

// New implements [Subject].
func (Actor) New() Object {
	jobs := make(actorObject, mailbox)
	go func() {
		var s State
		for job := range jobs {
			job(&s)
		}
	}()
	return jobs
}

type actorObject chan func(*State)

func (jobs actorObject) Wait() int {
	reply := make(chan int, 1)
	jobs <- func(s *State) { reply <- s.Ran }
	return <-reply
}

func (jobs actorObject) Close() { close(jobs) }

func (jobs actorObject) Do(n int) (ran int) {
	done := make(chan struct{}, 1)
	for i := range n {
		jobs <- func(s *State) {
			s.Ran++
			s.Last = i
			ran++
			done <- struct{}{}
		}
		<-done
	}
	return ran
}

func (jobs actorObject) Hold() (release func()) {
	begun, gate := make(chan struct{}), make(chan struct{})
	jobs <- func(*State) {
		close(begun)
		<-gate
	}
	<-begun
	return func() { close(gate) }
}

func (jobs actorObject) Sync(n int) (right int) {
	for i := range n {
		reply := make(chan int, 1)
		jobs <- func(s *State) {
			s.Ran++
			s.Last = i
			reply <- s.Last
		}
		if <-reply == i {
			right++
		}
	}
	return right
}

func (jobs actorObject) Async(n int) {
	for i := range n {
		jobs <- func(s *State) {
			s.Ran++
			s.Last = i
		}
	}
}

func (jobs actorObject) Repeat(n int) {
	job := func(s *State) { s.Ran++ }
	for range n {
		jobs <- job
	}
}

func (jobs actorObject) RoundTrip(n int) (right int) {
	for i := range n {
		jobs <- func(s *State) {
			s.Ran++
			s.Last = i
		}
		reply := make(chan int, 1)
		jobs <- func(s *State) {
			s.Ran++
			reply <- s.Last
		}
		if <-reply == i {
			right++
		}
	}
	return right
}

func (jobs actorObject) Give(job func(*State)) { jobs <- job }

// DoUntil sends a job that the caller can take back as long as it has not begun.
func (jobs actorObject) DoUntil(ctx context.Context) (ran bool) {
	var claimed atomic.Bool // set by the actor, or by the caller when it gives up
	done := make(chan struct{}, 1)
	job := func(s *State) {
		if claimed.CompareAndSwap(false, true) {
			s.Ran++
			done <- struct{}{}
		}
	}
	select {
	case jobs <- job:
	case <-ctx.Done():
		return false
	}
	select {
	case <-done:
		return true
	case <-ctx.Done():
		if claimed.CompareAndSwap(false, true) {
			return false
		}
		<-done
		return true
	}
}

// Lacks implements [Subject].
func (Actor) Lacks() Reasons {
	return Reasons{
		Await:     "a reply channel is not a future: it has one reader, and no context",
		Unbounded: "a send waits when the channel is full",
	}
}
