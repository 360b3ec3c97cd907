package waits_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/go-desync/go-desync/futures"
	"github.com/go-desync/go-desync/futures/waits"
)

// A seat is held by one goroutine at a time.
type seat struct {
	name string
	free chan struct{}
}

func newSeat(name string) *seat {
	s := &seat{name, make(chan struct{}, 1)}
	s.free <- struct{}{}
	return s
}

func (s *seat) object() waits.Object {
	return waits.Object{Key: s, Describe: func() string { return s.name }}
}

// take waits for the seat, until ctx ends or the wait would close a ring.
func (s *seat) take(ctx context.Context) error {
	w := waits.Prepare(ctx.Done() != nil, nil, waits.NewJob(s.object()))
	if ring := w.Begin(); ring != nil {
		var names []string
		for _, wait := range ring() {
			names = append(names, wait.Object)
		}
		return errors.New("a ring of waits for " + strings.Join(names, ", then for "))
	}
	select {
	case <-s.free:
		waits.Hold(s.object()) // which ends the wait
		return nil
	case <-ctx.Done():
		waits.End()
		return ctx.Err()
	}
}

func (s *seat) leave() {
	waits.Leave(s)
	s.free <- struct{}{}
}

// In builds that watch, a goroutine that would wait for itself is told so.
func Example() {
	window, aisle := newSeat("the window"), newSeat("the aisle")
	window.take(context.Background())
	defer window.leave()
	aisle.take(context.Background())
	defer aisle.leave()
	if waits.Watching {
		fmt.Println(window.take(context.Background()))
	} else {
		// It would wait forever.
		fmt.Println("a ring of waits for the window, then for the aisle")
	}
	// Output: a ring of waits for the window, then for the aisle
}

func ExampleFollow() {
	s := newSeat("the window")
	waits.Follow(func(job *waits.Job) {
		waits.Queue(s.object()) // an object does this when a job is queued
		job.End()               // and the job when it has ended
		fmt.Println(waits.Prepare(false, nil, job).Begin() == nil)
	})
	// Output: true
}

func ExampleOnAwait() {
	var p futures.Promise[string]
	waits.OnAwait(p.Future(), func(context.Context) (ended func(), err error) {
		return nil, errors.New("the work behind it runs on this very goroutine")
	})
	if !waits.Watching {
		p.Reject(errors.New("the work behind it runs on this very goroutine"))
	}
	_, err := p.Future().Await(context.Background())
	fmt.Println(err)
	// Output: the work behind it runs on this very goroutine
}

func ExampleCalls() {
	fmt.Println(len(waits.Calls(""))) // this is inside of no call that waits
	// Output: 0
}
