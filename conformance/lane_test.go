package conformance

import (
	"context"
	"fmt"
	"runtime/pprof"
	"sync"
)

// A lane is a correct object of the plainest kind, for the suite's own tests: a
// mutex, a slice and a goroutine while there is work. It claims Future and Close.
type lane struct {
	mu     sync.Mutex
	jobs   []func(*State)
	busy   bool
	closed bool
	idle   sync.Cond
	state  *State
}

func newLane() *lane {
	l := &lane{state: new(State)}
	l.idle.L = &l.mu
	return l
}

func (l *lane) Submit(job func(*State)) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return false
	}
	l.jobs = append(l.jobs, job)
	if !l.busy {
		l.busy = true
		go l.drain()
	}
	return true
}

func (l *lane) drain() {
	pprof.SetGoroutineLabels(context.Background()) // not those of whoever woke it
	ended := false
	defer func() {
		if !ended { // by Goexit: a panic ends the process anyway
			go l.drain()
		}
	}()
	for {
		l.mu.Lock()
		if len(l.jobs) == 0 {
			l.jobs, l.busy, ended = nil, false, true
			l.idle.Broadcast()
			l.mu.Unlock()
			return
		}
		job := l.jobs[0]
		l.jobs[0] = nil
		l.jobs = l.jobs[1:]
		l.mu.Unlock()
		job(l.state)
	}
}

func (l *lane) Async(job func(*State)) { l.Submit(job) }

func (l *lane) Do(job func(*State)) {
	turn, over := make(chan struct{}), make(chan struct{})
	l.Submit(func(*State) { close(turn); <-over })
	<-turn
	defer close(over)
	job(l.state)
}

func (l *lane) Future(job func(*State) int) Wait {
	var v int
	err := error(laneError("the job called runtime.Goexit"))
	done := make(chan struct{})
	l.Submit(func(s *State) {
		defer close(done)
		defer func() {
			if p := recover(); p != nil {
				err = laneError(fmt.Sprint(p))
			}
		}()
		v = job(s)
		err = nil
	})
	return func(ctx context.Context) (int, error) {
		select {
		case <-done:
			return v, err
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

func (l *lane) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for l.busy {
		l.idle.Wait()
	}
}

type laneError string

func (e laneError) Error() string { return string(e) }

// laneFactory makes lanes, each changed by wrap if there is one.
func laneFactory(wrap func(*lane) Object) Factory {
	return Factory{
		Info: Implementation{Name: "lane"},
		New: func(Setup) (Object, error) {
			if wrap == nil {
				return newLane(), nil
			}
			return wrap(newLane()), nil
		},
		Features: map[Feature]Claim{FeatureFuture: Supported(), FeatureClose: Supported()},
	}
}

// plain hides what a lane has beyond Async and Do.
type plain struct{ Object }

// broken replaces the two calls of a lane.
type broken struct {
	*lane
	async, do func(func(*State))
}

func (b broken) Async(job func(*State)) {
	if b.async == nil {
		b.lane.Async(job)
	} else {
		b.async(job)
	}
}

func (b broken) Do(job func(*State)) {
	if b.do == nil {
		b.lane.Do(job)
	} else {
		b.do(job)
	}
}
