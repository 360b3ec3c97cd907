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
// A job takes room from when it is accepted until it has ended. Its weight says how
// much: 1 for each job, or its size in bytes, for example. A bound does not change the
// order of the jobs on an object.
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
// What this gets wrong, and a Bound does not:
//
//   - A job that panics, in an object with a panic handler, never gives back its room.
//     After enough panics no job is accepted any more.
//   - A job that submits jobs waits for room that is held by itself or by jobs queued
//     behind it. If two objects are full and their jobs submit to each other, everything
//     stops, and no error says why.
//   - If n is above the size of the semaphore, Acquire waits for room that there will
//     never be, until ctx ends.
//   - The error is that of the context. It does not tell the cause, nor whether the job
//     was interrupted or has not run.
//   - A channel instead of the semaphore has no weights, and two goroutines that each
//     take n tokens one by one can deadlock.
//
// # Jobs that submit jobs
//
// A job that waits for room can wait forever: the room may be held by this very job, by
// jobs queued behind it on its object, or by jobs that wait for room themselves. None of
// that can happen if no job waits for room. So the rule is: [Bound.Async] waits only
// outside of jobs. Inside a job, if there is no room, it returns [ErrInJob] at once,
// which matches [ErrFull].
//
// A call is inside a job if its goroutine is running a job of any Desync object, whether
// that was handed over with a bound or without, and whatever context the call is given.
// Async finds out by looking at its callers, and only when there is no room.
//
// It does not find out about a job that starts another goroutine, which calls Async, and
// waits for it. That is also a wait inside a job: it may last until the context of the
// call ends. So is the wait of a goroutine that has
// suspended the object, and that of the source of a pipe that is read in a job. Builds
// with the race detector do not find these: give such calls a context that ends.
//
// What to do instead: submit when the job has ended, for example by returning from a
// Sync what is to be submitted. Or treat the error as backpressure, and keep in the
// object's data what could not be handed on. Or use [desync.Desync.Async] itself for
// follow-up work, so that the bound limits only what comes from outside.
package bounded
