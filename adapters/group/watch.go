package group

import (
	"context"
	"sync"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures/waits"
)

// A watch has the jobs of a group that have not ended, in builds that look for cycles of
// waits; see package waits. It is not used in other builds.
type watch struct {
	mu   sync.Mutex
	jobs map[*waits.Job]bool // whether they have begun
}

// followed is submit with a job that is in the watch until it has ended.
func followed[T any](g *Group, d desync.Object[T], job func(context.Context, *T) error) (accepted bool) {
	w := &g.watch
	waits.Follow(func(j *waits.Job) {
		w.set(j, false)
		defer func() {
			if accepted {
				g.recheck()
			} else {
				w.end(j)
			}
		}()
		accepted = submit(g, d, func(ctx context.Context, data *T) error {
			w.set(j, true)
			defer w.end(j)
			return job(ctx, data)
		}, job)
	})
	return accepted
}

func (w *watch) set(j *waits.Job, begun bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.jobs == nil {
		w.jobs = make(map[*waits.Job]bool)
	}
	w.jobs[j] = begun
}

func (w *watch) end(j *waits.Job) {
	j.End()
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.jobs, j)
}

// beginWait notes that the calling goroutine is about to wait for the jobs, or returns
// the error for the ring that this would close; waits.End must follow. If the group has
// ended, only the jobs that have begun count. If it has not, the wait may end in other
// ways: because the context ends, or because a job that is not in the ring fails.
func (g *Group) beginWait(ended bool) error {
	var jobs []*waits.Job
	g.watch.mu.Lock()
	for j, begun := range g.watch.jobs {
		if begun || !ended {
			jobs = append(jobs, j)
		}
	}
	g.watch.mu.Unlock()
	mayEnd := !ended && g.ctx != nil && (len(jobs) > 1 || g.mayEnd)
	if ring := waits.Prepare(mayEnd, nil, jobs...).Begin(); ring != nil {
		return &desync.DeadlockError{Ring: ring()}
	}
	return nil
}

// recheck makes Wait call beginWait again, for a job that was added.
func (g *Group) recheck() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.changed.Broadcast()
}
