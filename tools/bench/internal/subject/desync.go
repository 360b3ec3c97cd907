package subject

import (
	"context"

	"github.com/go-desync/go-desync/desync"
)

// Desync is the library's own object.
type Desync struct{}

// Name implements [Subject].
func (Desync) Name() string { return "desync" }

// New implements [Subject].
func (Desync) New() Object { return new(desyncObject) }

// The object is embedded by value, so that it takes only the memory of a Desync.
type desyncObject struct {
	d desync.Desync[State]
}

func (o *desyncObject) Wait() int {
	return o.d.Sync(func(s *State) int { return s.Ran })
}

func (o *desyncObject) Close() {}

func (o *desyncObject) Do(n int) (ran int) {
	for i := range n {
		o.d.Do(func(s *State) {
			s.Ran++
			s.Last = i
			ran++
		})
	}
	return ran
}

func (o *desyncObject) Hold() (release func()) {
	begun, gate := make(chan struct{}), make(chan struct{})
	go o.d.Do(func(*State) {
		close(begun)
		<-gate
	})
	<-begun
	return func() { close(gate) }
}

func (o *desyncObject) Sync(n int) (right int) {
	for i := range n {
		last := o.d.Sync(func(s *State) int {
			s.Ran++
			s.Last = i
			return s.Last
		})
		if last == i {
			right++
		}
	}
	return right
}

func (o *desyncObject) Async(n int) {
	for i := range n {
		o.d.Async(func(s *State) {
			s.Ran++
			s.Last = i
		})
	}
}

func (o *desyncObject) Repeat(n int) {
	job := func(s *State) { s.Ran++ }
	for range n {
		o.d.Async(job)
	}
}

func (o *desyncObject) RoundTrip(n int) (right int) {
	for i := range n {
		o.d.Async(func(s *State) {
			s.Ran++
			s.Last = i
		})
		last := o.d.Sync(func(s *State) int {
			s.Ran++
			return s.Last
		})
		if last == i {
			right++
		}
	}
	return right
}

func (o *desyncObject) Await(n int) (right int) {
	ctx := context.Background()
	for i := range n {
		later := o.d.Future(func(s *State) int {
			s.Ran++
			s.Last = i
			return s.Last
		})
		if last, err := later.Await(ctx); err == nil && last == i {
			right++
		}
	}
	return right
}

func (o *desyncObject) Give(job func(*State)) { o.d.Async(job) }

func (o *desyncObject) DoUntil(ctx context.Context) (ran bool) {
	err := o.d.DoContext(ctx, func(_ context.Context, s *State) error {
		s.Ran++
		return nil
	})
	return err == nil
}

// Lacks implements [Subject]: nothing.
func (Desync) Lacks() Reasons { return nil }
