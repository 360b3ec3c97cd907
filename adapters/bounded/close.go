package bounded

import "context"

// Close makes the bound refuse all further jobs, with [ErrClosed], and those that wait for
// room. Then it waits until everything that was accepted has ended: jobs, and permits of
// [Bound.Acquire] with their jobs.
//
// If ctx ends first, Close returns a [*LeftError], which says what is left. The jobs that
// are left still run; [Bound.TakeBack] keeps those that have not begun from ever beginning:
//
//	if err := b.Close(ctx); err != nil {
//		log.Print(err)
//		notSent = b.TakeBack()
//		err = b.Close(context.Background()) // waits for those that run
//	}
//
// In a job Close does not wait, since it might wait for that job. If anything is left, it
// then returns a LeftError that matches [ErrInJob]. The bound is closed all the same. Close
// may be called again. It panics if ctx is nil.
func (b *Bound) Close(ctx context.Context) error {
	mustContext("Close", ctx)
	b.mu.Lock()
	b.closed = true
	b.refuse(func(*ticket) error { return ErrClosed })
	b.mu.Unlock()
	return b.wait(ctx, "Close")
}

// Wait returns when nothing that was accepted is left: no job and no permit. That includes
// the jobs that jobs hand over through the bound while they run, so all is quiet then. The
// bound stays open, so there may be new jobs when Wait returns.
//
// If ctx ends first, or in a job, Wait returns a [*LeftError], as [Bound.Close] does. It
// panics if ctx is nil.
func (b *Bound) Wait(ctx context.Context) error {
	mustContext("Wait", ctx)
	return b.wait(ctx, "Wait")
}

// TakeBack takes back all jobs that were accepted and have not begun, and returns them in the
// order in which they were accepted. They never run, and their room is free. The callers
// learn of it: the future of [Bound.Future] fails with [ErrReturned], and the job of
// [Bound.Submit] is told by its method Ended. A job of [Bound.Async] has only its place in
// what TakeBack returns. TakeBack does not wait, and takes back no permit.
//
// The bound stays as open as it is: call Close first if there must be no new jobs.
func (b *Bound) TakeBack() (jobs []Returned) {
	var all []drained
	b.mu.Lock()
	for t := range b.all {
		if job, after, ok := b.giveUp(t); ok {
			jobs, all = append(jobs, job), append(all, after)
		}
	}
	b.admit()
	b.announce()
	b.mu.Unlock()
	finish(all, ErrReturned)
	return jobs
}

// cancel takes one job back, for a reason.
func (b *Bound) cancel(t *ticket, reason error) {
	b.mu.Lock()
	_, after, ok := b.giveUp(t)
	b.admit()
	b.announce()
	b.mu.Unlock()
	if ok {
		finish([]drained{after}, reason)
	}
}

// giveUp is takeBack, and gives back the room; admit must follow.
func (b *Bound) giveUp(t *ticket) (job Returned, after drained, ok bool) {
	if job, after, ok = b.takeBack(t); ok {
		b.room.taken -= t.weight
	}
	return job, after, ok
}
