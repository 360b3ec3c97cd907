package group

import (
	"context"
	"errors"

	"github.com/go-desync/go-desync/adapters/internal/ended"
	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures/waits"
)

// Wait blocks until all jobs of the group have ended or will never run, and returns the
// first error of a job. If there was none, but the end of the group's context kept jobs
// from running, the error matches [desync.ErrNotRun], ctx.Err() and context.Cause(ctx).
// See [Group.JoinErrors] for all errors.
//
// When the context has ended, Wait waits only for the jobs that have begun, and not for
// the objects of the others. After Wait the group accepts no more jobs: if [Group.Go] is called
// during Wait, either Wait waits for its job or Go returns false.
//
// Wait must not be called in a job of the group, since it would wait for that job, nor in
// a job of an object that has jobs of the group. With the race detector, or the build tag
// desyncdebug, a Wait that would block forever for such a reason, or in any other
// deadlock, returns a [*desync.DeadlockError] instead, which is then the error of the
// group. A group without a context panics with it.
func (g *Group) Wait() error {
	if err := g.await(true); err != nil {
		if g.cancel == nil {
			panic(err)
		}
		g.fail(err)
		return err
	}
	defer g.stopAll()
	g.mu.Lock()
	defer g.mu.Unlock()
	err := g.result()
	if g.cancel != nil {
		g.cancel(g.err)
	}
	g.limiter.forget()
	return err
}

// rest is what a group does as a function of an errgroup, while it has jobs.
func (g *Group) rest() error {
	_ = g.await(false) // not watched: no goroutine that is watched waits for this one
	g.mu.Lock()
	closed, err := g.closed(), g.err
	if closed || g.joins {
		err = g.result()
	}
	g.mu.Unlock()
	if closed {
		g.stopAll()
	}
	return err
}

// result is the error of a group none of whose jobs runs or will run; mu is locked. If jobs
// have not run, that is an error too.
func (g *Group) result() error {
	var missed error
	if g.pending > 0 && (g.err == nil || g.joins) {
		missed = notRun(g.ctx)
	}
	if g.err == nil {
		g.err = missed
	}
	if g.joins {
		return errors.Join(append(g.all[:len(g.all):len(g.all)], missed)...)
	}
	return g.err
}

// await blocks until no job runs or will run, and then ends the group if last is true. In
// builds that look for deadlocks it also returns if it would block forever. The package
// waits nowhere else.
func (g *Group) await(last bool) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	for !g.idle() {
		if waits.Watching && last {
			if err := g.beginWait(g.closed()); err != nil {
				return err
			}
		}
		// stopAll announces the end of ctx.
		g.changed.Wait()
		if waits.Watching && last {
			waits.End()
		}
	}
	g.over = g.over || last
	if g.unwatch != nil && (g.over || g.pending == 0) {
		g.unwatch()
		g.unwatch = nil
	}
	return nil
}

// announce wakes the goroutines that wait, if no job runs or will run; mu is locked.
func (g *Group) announce() {
	if g.idle() {
		g.changed.Broadcast()
	}
}

// idle reports whether no job runs or will run; mu is locked.
func (g *Group) idle() bool {
	return g.pending == 0 || g.running == 0 && g.closed()
}

// closed reports whether no further job may begin.
func (g *Group) closed() bool { return g.over || g.ctx != nil && g.ctx.Err() != nil }

// notRun is the error of a group whose context has kept jobs from running.
func notRun(ctx context.Context) error {
	return ended.Error(ctx, "group: the context ended, and jobs have not run and will not", desync.ErrNotRun)
}
