// Package desync orders the access to data instead of the threads that use it.
//
// A [Desync] owns a value. There is no lock to take and no goroutine to run: a
// caller hands over a job, a function that gets a pointer to the value, and the
// jobs of one object run one at a time, in the order in which they were handed
// over.
//
//	number := desync.New(0)
//	number.Async(func(n *int) { *n = slow() })               // in the background
//	fmt.Println(number.Sync(func(n *int) int { return *n })) // waits its turn: slow()'s value
//
// An idle object is a few words of memory and no goroutine, so there may be one
// for each user, session or file. The zero value is ready to use, and an object is
// collected like any other value: there is nothing to close.
//
// # Handing over jobs
//
// There are three ways, and all of them take their place in the same order:
//
//   - [Desync.Async] queues the job and returns at once. The job runs in the
//     background.
//   - [Desync.Sync], and [Desync.Do] without a result, waits for the job's turn and
//     runs it on the calling goroutine.
//   - [Desync.Future] queues the job and returns a future of its result.
//
// [Desync.TryDo] and [Desync.TrySync] run the job only if it need not wait.
//
// # Order
//
// The calls of one goroutine on one object run in the order in which it makes
// them. If a call has returned before another begins, on whatever goroutine, its
// job runs first. Nothing overtakes what is queued. Calls that are made at the same
// time run in some order, but never at the same time.
//
// Jobs of different objects run in parallel. There is no pool of workers that
// blocked jobs could exhaust.
//
// # Memory
//
// In the terms of the Go memory model, the end of a job synchronizes before the
// beginning of the next job of the same object; the call that hands over a job
// synchronizes before the job; and the end of a job synchronizes before the
// return of the call, or of the Await, that gives its result. So the fields of T
// need no synchronization of their own, as long as they are used in jobs only: do
// not let the pointer that a job gets, or a slice or map inside the value, leave
// the job.
//
// # Panics
//
// Whoever has to know of a panic learns of it, and the object goes on with the
// next job:
//
//   - in a job of Do, Sync or a Try, the caller does, as from any function it calls;
//   - in a job of Future, the future fails with a [*PanicError];
//   - in a job of Async, the process ends with the value and the stack of the
//     panic, as for any goroutine, unless [WithPanicHandler] says who is told.
//
// A job of Do and Sync may call [runtime.Goexit]; it ends the calling goroutine
// and the object goes on. A background job must not: a waiting Do may be running
// it, and would end with it. That includes t.Fatal and t.FailNow of package
// testing.
//
// # Waiting inside a job
//
// A job may call Async and Future on any object, its own included. It may wait for
// other objects, as long as no ring of waits is closed. A job that waits for its
// own object, or for a future of a job that is queued behind it, waits for ever,
// and so do jobs that wait for each other's objects.
//
// In builds with the race detector, and with the build tag desyncdebug, a Do or
// Sync that would close such a ring panics with a [*DeadlockError] instead. It
// names the objects and the places of the calls.
//
// # Testing
//
// All waiting is durably blocking in the sense of [testing/synctest], and every
// goroutine is started in the bubble of the call that needs it. An object may be
// used outside a bubble and later inside one, or in one bubble after another, as
// long as it is idle when it changes sides: call Do first to be sure of that. It
// must not be used on both sides at the same time.
package desync
