package group

import (
	"context"
	"fmt"
	"slices"

	"github.com/go-desync/go-desync/desync"
)

// SetLimit limits the jobs of the group that run at the same time to n; a negative n
// means no limit. Only jobs that run count, even while they wait for another object. Jobs
// that wait for their turn do not count.
//
// The limit makes neither [Group.Go] nor an object wait. If a job has its turn while the limit
// is reached, it steps aside: the object goes on, and when another job of the group has
// ended, the job takes a new place at the end of the object's queue. So no job holds an
// object while it waits for the limit, and the limit causes no deadlock. The price is a
// weaker order: the jobs of the group on one object run in the order of the calls of Go,
// but other jobs of the object may overtake a job that stepped aside.
//
// The limit bounds neither the queues nor their memory.
//
// SetLimit must be called before the first Go. It panics if n is 0, since no job could
// run, or if the group has jobs.
func (g *Group) SetLimit(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case n == 0:
		panic("group: SetLimit: with a limit of 0 no job would run")
	case g.pending > 0:
		panic(fmt.Sprintf("group: SetLimit: the group has %d jobs", g.pending))
	}
	g.limiter = limiter{limit: max(n, 0), lanes: make(map[any]any)}
}

// A limiter is the state of a limit; the group's mu guards it.
//
// For each job that was accepted and has not begun there is one turn. It is queued on the
// job's object, or stalled if it came and found the limit reached. A turn begins the
// first job of its lane, so the jobs keep their order whichever turn comes first. If a
// turn cannot be queued, because an observer panics, a job of its lane is dropped too.
//
// Invariant: if there is a stalled turn, then the limit is reached, or a resume is at
// work, or a turn is queued that has nothing ahead of it. Only the end of a job can
// change that, and it calls resume.
type limiter struct {
	limit   int         // 0 is no limit
	lanes   map[any]any // desync.Object[T] to *lane[T]
	stalled []turns
}

func (l *limiter) forget() { l.lanes, l.stalled = nil, nil }

// A lane has the jobs on one object that have not begun, in the order of Go.
type lane[T any] struct {
	g    *Group
	d    desync.Object[T]
	jobs []*func(context.Context, *T) error
}

// turns is a lane of any type.
type turns interface {
	// queueAgain queues a turn, and reports whether nothing is ahead of it.
	queueAgain() bool
}

// laneOf adds job to the lane of d and returns the lane.
func laneOf[T any](g *Group, d desync.Object[T], job *func(context.Context, *T) error) *lane[T] {
	g.mu.Lock()
	defer g.mu.Unlock()
	l, _ := g.limiter.lanes[d].(*lane[T])
	if l == nil {
		l = &lane[T]{g: g, d: d}
		if g.limiter.lanes != nil { // else Wait has returned meanwhile
			g.limiter.lanes[d] = l
		}
	}
	l.jobs = append(l.jobs, job)
	return l
}

// queueTurn queues a turn for job, which is new.
func (l *lane[T]) queueTurn(job *func(context.Context, *T) error, code shown) {
	t := &turn[T]{lane: l, shown: code}
	queue(l.g, l.d, t, &t.place, func() { l.withdraw(job) })
}

func (l *lane[T]) queueAgain() bool {
	t := &turn[T]{lane: l}
	queue(l.g, l.d, t, &t.place, func() { l.withdraw(nil) })
	// This turn may be that job. Or it has come already, which is as good.
	return l.d.Pending() <= 1
}

// withdraw drops a job for which no turn could be queued, or the first if job is nil. If
// the job has begun already, in the turn of another one, that one needs a turn now.
func (l *lane[T]) withdraw(job *func(context.Context, *T) error) {
	g, i := l.g, 0
	g.mu.Lock()
	if job != nil {
		i = slices.Index(l.jobs, job)
	}
	if i >= 0 {
		l.remove(i)
	} else {
		g.limiter.stalled = append(g.limiter.stalled, l)
	}
	g.mu.Unlock()
	if i >= 0 {
		g.forget()
	} else {
		g.resume()
	}
}

// remove removes job i; mu is locked.
func (l *lane[T]) remove(i int) *func(context.Context, *T) error {
	job := l.jobs[i]
	if l.jobs[i] = nil; i == 0 {
		l.jobs = l.jobs[1:]
	} else {
		l.jobs = slices.Delete(l.jobs, i, i+1)
	}
	if len(l.jobs) == 0 {
		delete(l.g.limiter.lanes, l.d)
	}
	return job
}

// A turn is a place of a lane in the queue of its object.
type turn[T any] struct {
	place
	shown // the job that it was queued for; it may run another of the lane
	lane  *lane[T]
	outcome
}

func (t *turn[T]) Run(data *T) {
	t.reached = true
	if job := t.lane.begin(&t.place); job != nil {
		t.run(func() error { return (*job)(t.lane.g.context(), data) })
	}
}

func (t *turn[T]) Ended(err error) { // as that of member
	if !t.reached && t.lane.begin(&t.place) != nil {
		t.run(func() error { return err })
	}
	t.lane.g.ended(&t.outcome)
}

// begin returns the next job, or nil if none may begin.
func (l *lane[T]) begin(p *place) *func(context.Context, *T) error {
	g := l.g
	g.mu.Lock()
	defer g.mu.Unlock()
	g.places.remove(p)
	switch {
	case g.closed():
		return nil
	case g.running >= g.limiter.limit:
		g.limiter.stalled = append(g.limiter.stalled, l)
		return nil
	}
	g.running++
	return l.remove(0)
}

// resume queues stalled turns until the limit is certain to be reached again. A turn that
// waits behind other jobs on its object does not count: they may wait for a job of the
// group.
func (g *Group) resume() {
	done := false
	defer func() {
		if !done { // an observer has panicked; the others go on
			g.resume()
		}
	}()
	for {
		t := g.nextStalled()
		if t == nil || t.queueAgain() {
			break
		}
	}
	done = true
}

func (g *Group) nextStalled() turns {
	g.mu.Lock()
	defer g.mu.Unlock()
	l := &g.limiter
	if len(l.stalled) == 0 || g.running >= l.limit || g.closed() {
		return nil
	}
	t := l.stalled[0]
	l.stalled[0] = nil
	l.stalled = l.stalled[1:]
	return t
}
