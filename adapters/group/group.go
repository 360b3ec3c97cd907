package group

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/go-desync/go-desync/adapters/internal/object"
	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures/waits"
)

// ErrAborted is the error of a group in which a job called runtime.Goexit, or panicked on
// an object that has a panic handler. Match it with errors.Is.
var ErrAborted = errors.New("group: a job has panicked or called runtime.Goexit")

// A Group runs jobs on objects that belong to one task: the first error cancels the
// rest, and [Group.Wait] waits for all of them.
//
// The zero Group is valid: it has no limit and no context, so an error cancels
// nothing and every job runs. A Group must not be copied after first use, nor used
// for another task after Wait has returned. All methods may be called by
// several goroutines at once, also by jobs of the group, but not inside and outside a
// testing/synctest bubble at the same time.
type Group struct {
	ctx    context.Context // nil in the zero Group
	cancel context.CancelCauseFunc
	under  *errgroup.Group // may be nil

	mu      sync.Mutex
	changed sync.Cond // Wait sleeps on it; its L is mu, from the first job on
	pending int       // jobs accepted and not ended
	running int       // pending jobs that have begun
	over    bool      // Wait has returned
	err     error     // the first
	joins   bool      // all are kept
	all     []error   // in the order in which the jobs have failed
	places  places
	unwatch func() bool // ends the wait for ctx; nil if nothing waits for it
	limiter limiter     // zero without a limit

	mayEnd bool  // the context that WithContext was given may end
	watch  watch // used in builds that look for deadlocks
}

// WithContext returns a group and its context, which is derived from ctx. The jobs of the
// group get that context. It ends when a job fails, with the job's error as the cause;
// when Wait returns; and when ctx ends. Jobs that have not begun by then never run.
//
// WithContext panics if ctx is nil.
func WithContext(ctx context.Context) (*Group, context.Context) {
	if ctx == nil {
		panic("group: WithContext: the context is nil")
	}
	g := &Group{mayEnd: ctx.Done() != nil}
	g.ctx, g.cancel = context.WithCancelCause(ctx)
	return g, g.ctx
}

// Under returns a group whose jobs belong to eg: eg.Wait waits for them, and their
// first error becomes one of eg. ctx is the context that came with eg from
// [errgroup.WithContext]; when it ends the jobs that have not begun never run.
//
// An error cancels the other jobs of the group at once, and the rest of eg when the
// running jobs have ended. While it has jobs, the group is one function of eg. So if the
// group has no jobs, a call of [Group.Go] is like a call of eg.Go: it waits if the limit of eg
// is reached, and must be made in a function of eg, in a job of the group, or before
// eg.Wait. There is no need to call Wait of the group. Builds with the race detector do
// not look for deadlocks through the waits of eg.
//
// Under panics if ctx or eg is nil.
func Under(ctx context.Context, eg *errgroup.Group) *Group {
	if ctx == nil || eg == nil {
		panic("group: Under: the context and the group must not be nil")
	}
	g, _ := WithContext(ctx)
	g.under = eg
	return g
}

// JoinErrors makes Wait return the errors of all jobs, and not only the first, joined by
// [errors.Join] in the order in which the jobs have failed. If jobs have not run since the
// context has ended, an error that says so is the last; see [Group.Wait]. The first error still
// cancels the rest, unless the group is the zero Group: that runs every job. The errors are kept
// until then, however many there are.
//
// JoinErrors must be called before the first Go. It panics if the group has jobs.
func (g *Group) JoinErrors() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.pending > 0 {
		panic(fmt.Sprintf("group: JoinErrors: the group has %d jobs", g.pending))
	}
	g.joins = true
}

// Go queues job on d, a plain object or a key of a [desync.Map], like
// [desync.Desync.Async], as a job of g, and reports whether it
// did. If the group's context has ended, as after the first error, or Wait has returned,
// it returns false and the job never runs. So a producer may stop at the first false.
//
// Go never blocks, whatever the limit: a call from a job cannot hang. See
// [Group.SetLimit] for the order of the jobs if there is a limit.
//
// If the group's context ends before the job's turn, the job never runs, and the object
// lets go of it at once. The first error that a job returns becomes the error of the
// group. A panic is handled like that of an Async job: it ends the process, as in an
// errgroup. If d has a [desync.WithPanicHandler], the handler is called instead, and the
// group fails with [ErrAborted]. It also fails with ErrAborted if the job calls
// runtime.Goexit, which a background job must not do. If d is a key whose value cannot be made,
// the group fails with the reason: a [*desync.ValueError], or a [*desync.PanicError].
//
// The context of the job is the group's, or context.Background() in a zero Group. Go
// panics if g, d or job is nil. If an observer of d panics in the call, the job does not
// belong to the group.
func (g *Group) Go[T any](d desync.Object[T], job func(ctx context.Context, data *T) error) bool {
	if g == nil || object.IsNil(d) || job == nil {
		panic("group: Go: the group, the object and the job must not be nil")
	}
	if waits.Watching {
		return followed(g, d, job)
	}
	return submit(g, d, job, job)
}

// submit is Go with valid arguments. Observers of d are told of the function code.
func submit[T any](g *Group, d desync.Object[T], job func(ctx context.Context, data *T) error, code any) bool {
	if g.limiter.limit > 0 {
		d.Pending() // panics if d is a key that cannot be found again, in its map or as a lane
	}
	first, ok := g.accept()
	if !ok {
		return false
	}
	if first && g.under != nil {
		g.under.Go(g.rest)
	}
	if g.limiter.limit > 0 {
		limited := job
		laneOf(g, d, &limited).queueTurn(&limited, shown{code})
		return true
	}
	m := &member[T]{shown: shown{code}, g: g, job: job}
	queue(g, d, m, &m.place, g.forget)
	return true
}

// A member is a job of a group on its object.
type member[T any] struct {
	place
	shown
	g   *Group
	job func(context.Context, *T) error // nil when it has begun
	outcome
}

func (m *member[T]) Run(data *T) {
	m.reached = true
	if m.g.begin(&m.place) {
		job := m.job
		m.job = nil
		m.run(func() error { return job(m.g.context(), data) })
	}
}

// Ended is also called if the value of a key could not be made, with the reason. The job has
// not run then, and counts as one that has failed.
func (m *member[T]) Ended(err error) {
	if !m.reached && m.g.begin(&m.place) {
		m.run(func() error { return err })
	}
	m.g.ended(&m.outcome)
}

// An outcome is how the turn of a job has ended.
type outcome struct {
	reached         bool // Run was called
	begun, returned bool
	err             error // what it has returned
}

func (o *outcome) run(job func() error) {
	o.begun = true
	o.err = job()
	o.returned = true
}

// ended is called at the end of a turn. If the job has returned, a later failure comes
// from an observer and does not count for the job.
func (g *Group) ended(o *outcome) {
	switch {
	case o.returned:
		g.end(o.err)
	case o.begun:
		g.end(ErrAborted)
	}
}

func (g *Group) context() context.Context {
	if g.ctx == nil {
		return context.Background()
	}
	return g.ctx
}

// accept counts a job, unless the group has ended. first says that the group had no job.
func (g *Group) accept() (first, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed() {
		return false, false
	}
	if g.changed.L == nil {
		g.changed.L = &g.mu
	}
	if g.pending++; g.unwatch == nil && g.ctx != nil {
		g.unwatch = context.AfterFunc(g.ctx, g.stopAll)
	}
	return g.pending == 1, true
}

// forget undoes accept.
func (g *Group) forget() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.pending--
	g.announce()
}

// begin reports whether a job whose turn has come may run. If it does, end must
// follow.
func (g *Group) begin(p *place) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.places.remove(p)
	if g.closed() {
		return false // it stays pending: it has not run
	}
	g.running++
	return true
}

// end ends a job that has begun.
func (g *Group) end(err error) {
	if err != nil {
		g.fail(err)
	}
	g.mu.Lock()
	g.pending--
	g.running--
	g.announce()
	g.mu.Unlock()
	if g.limiter.limit > 0 {
		g.resume()
	}
}

// fail makes err the group's error if it is the first.
func (g *Group) fail(err error) {
	g.mu.Lock()
	first := g.err == nil
	if first {
		g.err = err
	}
	if g.joins {
		g.all = append(g.all, err)
	}
	g.mu.Unlock()
	if first && g.cancel != nil {
		g.cancel(err)
	}
}
