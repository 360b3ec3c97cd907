// Package bounded limits how much work may be queued on Desync objects.
//
// [desync.Desync.Async] never blocks and never refuses, so a producer that is
// faster than the jobs fills the memory. A [Bound] makes it wait for room, or
// refuses the job:
//
//	room := bounded.New(1000) // for one object, or shared by many
//	err := room.Async(ctx, d, 1, job)  // waits for room until ctx ends
//	err = room.TryAsync(d, 1, job)     // ErrFull if there is none
//
// A job takes room from the moment when it is accepted until it has ended. Its
// weight says how much: 1 for each job, or its size in bytes, say. The order of the
// jobs on an object is that of the object; a bound changes nothing about it.
//
// # By hand
//
// With a semaphore it takes three lines:
//
//	if err := sem.Acquire(ctx, n); err != nil { // golang.org/x/sync/semaphore
//		return err
//	}
//	d.Async(func(data *T) { job(data); sem.Release(n) })
//
// This gets wrong what a Bound gets right:
//
//   - A job that panics, where a panic handler keeps the process alive, never gives
//     back its room. After enough of them nothing is accepted any more.
//   - A job that submits further jobs waits for room that it holds itself, or that
//     is held by jobs queued behind it. With two objects, each full, whose jobs
//     submit to each other, everything stops, and no error says why.
//   - An n above the size of the semaphore waits for room that there will never be,
//     until ctx ends.
//   - The error is that of the context, which does not tell its cause, nor a job
//     that has not run from one that was interrupted.
//   - A channel in place of the semaphore knows no weights, and taking n tokens one
//     after the other deadlocks with somebody who does the same.
//
// # Jobs that submit jobs
//
// A job that waits for room can wait for ever: the room may be held by this very
// job, by jobs queued behind it on its object, or by jobs that themselves wait for
// room that is held here. None of that can happen if no job waits for room at all,
// and that is the rule: [Bound.Async] waits only outside of jobs. Inside a job, when
// there is no room, it returns [ErrInJob] at once, which matches [ErrFull].
//
// What counts is whether the call is made on a goroutine that is running a job of
// any Desync object, in whatever way the job was handed over, with a bound or
// without, and whatever context the call is given. It is found by looking at the
// callers of Async, and only when there is no room.
//
// Not found is a job that starts another goroutine, lets that one call Async, and
// waits for it. That is a wait inside a job all the same: it may last until the
// context of the call ends. The same goes for a goroutine that waits for room while it
// has suspended the object, and for the source of a pipe that is read in a job. Builds with
// the race detector do not find rings that go through a wait for room: give it a ctx that
// ends.
//
// What to do instead: submit when the job has ended, for example by returning what
// is to be submitted from a Sync; or treat the error as backpressure, and keep in
// the object's data what could not be handed on; or use [desync.Desync.Async]
// itself for follow-up work, so that the bound limits what comes in from outside.
package bounded
