package writer

import "github.com/go-desync/go-desync/futures/waits"

// A watch has the job for which Writes wait, in builds that look for cycles of waits; see
// package waits. The mutex of the Writer guards it. It is not used in other builds.
type watch struct {
	// A job that never ends. The jobs of the Writer give room in their turns. So a Write
	// that waits for room waits for the goroutine that has the turn, as if it waited for
	// this job.
	turns *waits.Job
}

// follow calls submit, which queues a job.
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

// beginWait returns the function watch for Take. If the wait would close a ring, the wait
// does not begin, and ring is set. Only a Close on another goroutine could end such a
// wait.
func (w *watch) beginWait(ring *func() []waits.Wait) func(func() bool) (func(), bool) {
	if !waits.Watching {
		return nil
	}
	return func(waiting func() bool) (end func(), ok bool) {
		*ring = waits.Prepare(false, func() bool { return !waiting() }, w.turns).Begin()
		return waits.End, *ring == nil
	}
}
