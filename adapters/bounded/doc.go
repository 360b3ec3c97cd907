// Package bounded decides how much work is let in: it limits what may be queued on Desync
// objects, what may run at the same time, and stops without losing anything.
//
// [desync.Desync.Async] never blocks and never refuses, so a producer that is faster
// than the jobs fills the memory. A [Bound] makes the producer wait for room, or refuses
// the job:
//
//	room := bounded.New(1000) // for one object, or shared by many
//	err := room.Async(ctx, d, 1, job)  // waits for room until ctx ends
//	err = room.TryAsync(d, 1, job)     // ErrFull if there is none
//
// A job takes room from the moment when it is accepted until it has ended. Its weight
// says how much: 1 for each job, for example, or its size in bytes. A bound does not
// change the order of the jobs on an object.
//
//	p, err := room.Acquire(ctx, 2)     // room for a call of one's own, such as a Sync2
//	defer p.Release()
//
// A [Limit] is about the jobs that run, on any number of objects. A job that waits for the
// limit does not hold its object:
//
//	limit := bounded.NewLimit(8)
//	err := limit.Async(ctx, d, job)
//	err = limit.Do(ctx, d, job)        // waits for the job
//
// Both are closed in the same way. Close refuses further jobs and waits for the others; when
// its context ends, its error says what is left, by object and key. TakeBack gives back the jobs
// that have not begun, in order. Wait waits until all is quiet, follow-up work included.
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
//   - If n is above the size of the semaphore, Acquire waits until ctx ends: there will
//     never be enough room.
//   - The error is ctx.Err(). It does not have the cause, and does not tell whether the
//     job was interrupted or has not run.
//   - A channel instead of the semaphore has no weights, and two goroutines that each
//     take n tokens one by one can deadlock.
//   - To stop, one must count the jobs, refuse new ones without losing those that are just
//     being handed over, and know which have not begun.
//
// A semaphore that is acquired in the jobs limits what runs. But a job that waits for it
// holds its object, and with it everybody who waits for the object; and a job that waits for
// another job, on another object, deadlocks when all tokens are held by such jobs.
//
// # Jobs that submit jobs
//
// A job that waits for room can wait forever: the room may be held by this very job, by
// jobs queued behind it on its object, or by jobs that wait for room themselves. None of
// that can happen if no job waits for room. So the rule is: [Bound.Async] waits only
// outside of jobs. Inside a job, if there is no room, it returns an error at once that
// matches [ErrInJob] and [ErrFull]. The same holds for all calls of this package that wait,
// but for [Limit.Do] with the context of a job of the limit.
//
// A call is inside a job if its goroutine is running a job of any Desync object, whether
// the job was handed over with a bound or without, and whatever the context of the call.
// Async finds out by looking at the stack, and only when there is no room.
//
// There are waits that it cannot see. A job may start another goroutine, which calls
// Async, and wait for it. A goroutine may call Async while it has suspended the object.
// The source of a pipe may call Async while a job reads the pipe. Such a call may wait
// until its context ends. Builds with the race detector do not find these waits either:
// give such calls a context that ends.
//
// What to do instead: submit when the job has ended; a Sync may return what is to be
// submitted. Or treat the error as backpressure, and keep the work that could not be
// handed on in the object's data. Or use [desync.Desync.Async] itself for follow-up
// work, so that the bound limits only the work that comes from outside.
package bounded
