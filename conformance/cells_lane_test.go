package conformance

import (
	"context"
	"fmt"
	"runtime"
	"sync"
)

// A cellLane is a lane with faults that show in some cells only.
type cellLane struct {
	*lane
	fault string
	news  sync.Mutex
	newer map[context.Context]chan struct{}
	kept  []func(*State) int
	stop  chan struct{}
}

func (l *cellLane) Future(job func(*State) int) Wait {
	if l.fault != "keeps a job that panicked" {
		return l.lane.Future(job)
	}
	return l.lane.Future(func(s *State) int {
		defer func() {
			if v := recover(); v != nil {
				l.kept = append(l.kept, job)
				panic(v)
			}
		}()
		return job(s)
	})
}

func (l *cellLane) Close() {
	l.lane.Close()
	if l.fault == "goroutine of a closed object" {
		go func() { <-l.stop }()
	}
}

func (l *cellLane) Suspend() (resume func()) {
	resumed := make(chan struct{})
	l.Submit(func(*State) { <-resumed })
	return sync.OnceFunc(func() { close(resumed) })
}

func (l *cellLane) Do(job func(*State)) {
	switch l.fault {
	case "runs while suspended":
		l.mu.Lock()
		free := len(l.jobs) == 0
		l.mu.Unlock()
		if free {
			job(l.state)
			return
		}
	case "text of a panic":
		defer func() {
			if v := recover(); v != nil {
				panic(fmt.Sprint(v))
			}
		}()
	}
	l.lane.Do(job)
}

func (l *cellLane) DoContext(ctx context.Context, job func(*State)) error {
	turn, over := make(chan struct{}), make(chan struct{})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var mu sync.Mutex
	gone := false
	l.Submit(func(*State) {
		mu.Lock()
		given := gone
		if !gone {
			close(turn)
		}
		mu.Unlock()
		if !given {
			<-over
		}
	})
	select {
	case <-turn:
	case <-ctx.Done():
		mu.Lock()
		defer mu.Unlock()
		select {
		case <-turn:
		default:
			gone = true
			return ctx.Err()
		}
	}
	returned := false
	defer func() {
		if v := recover(); v != nil || returned || l.fault != "keeps the turn" {
			close(over)
			if v != nil {
				panic(v)
			}
		}
	}()
	if ctx.Err() != nil {
		returned = true
		return ctx.Err()
	}
	job(l.state)
	returned = true
	return nil
}

func (l *cellLane) FutureContext(ctx context.Context, job func(*State) int) Wait {
	var mu sync.Mutex
	begun, canceled := false, make(chan struct{})
	if ctx.Err() != nil {
		return func(context.Context) (int, error) { return 0, ctx.Err() }
	}
	cancel := make(chan struct{})
	if l.fault == "newer only" {
		l.news.Lock()
		if l.newer == nil {
			l.newer = map[context.Context]chan struct{}{}
		}
		l.newer[ctx] = cancel
		l.news.Unlock()
	}
	context.AfterFunc(ctx, func() {
		l.news.Lock()
		older := l.fault == "newer only" && l.newer[ctx] != cancel
		l.news.Unlock()
		mu.Lock()
		defer mu.Unlock()
		if !begun && !older {
			close(canceled)
			begun = true
		}
	})
	wait := l.Future(func(s *State) int {
		mu.Lock()
		first := !begun
		begun = true
		mu.Unlock()
		if !first {
			runtime.Goexit()
		}
		return job(s)
	})
	return func(c context.Context) (int, error) {
		done := make(chan struct{})
		var v int
		var err error
		go func() { v, err = wait(c); close(done) }()
		select {
		case <-canceled:
			return 0, ctx.Err()
		case <-done:
			return v, err
		}
	}
}
