package writer

import "github.com/go-desync/go-desync/futures/waits"

// A watch is what a Write waits for, in builds that look for rings of waits; see package
// waits. The mutex of the Writer guards it. Nobody uses it in other builds.
type watch struct {
	// A job that does not end. Room is given by the jobs in their turns, so whoever waits
	// for room waits for whoever has the turn: that is what this stands for.
	turns *waits.Job
}

// follow has submit queue a job.
func (w *watch) follow(submit func()) {
	if !waits.Watching || w.turns != nil {
		submit()
		return
	}
	waits.Follow(func(j *waits.Job) {
		submit()
		w.turns = j
	})
}

// beginWait is for Take. If the wait would close a ring, it is not begun, and ring is set.
// Only somebody else's Close could open it.
func (w *watch) beginWait(ring *func() []waits.Wait) func(func() bool) (func(), bool) {
	if !waits.Watching {
		return nil
	}
	return func(waiting func() bool) (end func(), ok bool) {
		*ring = waits.Prepare(false, func() bool { return !waiting() }, w.turns).Begin()
		return waits.End, *ring == nil
	}
}
