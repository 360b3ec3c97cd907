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
// [Desync.After] is a Future that begins when another future has settled.
// [Desync.Suspend] holds the object without a job, until it is resumed.
// [Desync.Submit] is an Async for packages that keep account of their jobs.
//
// # Order
//
// The calls of one goroutine on one object run in the order in which it makes
// them. If a call has returned before another begins, on any goroutine, its job runs
// first. Nothing overtakes what is queued. The jobs of calls that are made at the same
// time run in some order, but never at the same time.
//
// So calls of Do and Sync, and of their Context variants, that wait at the same time may
// be let in in any order while nothing else is queued, and the object may go to one that
// has just come. That makes a contended Do as cheap as a contended mutex. A waiter that
// has been overtaken for more than a millisecond is not overtaken from then on.
//
// Jobs of different objects run in parallel. There is no pool of workers that
// blocked jobs could exhaust: any number may wait for channels, locks, timers, the
// network or other objects.
//
// There is one limit, as in any Go program: a goroutine that blocks in a system call,
// such as a read of a file, or in cgo needs a thread of its own meanwhile, and the
// runtime ends the process when it needs more than 10,000 threads. If jobs of thousands
// of objects may do so at the same time, limit them with a semaphore inside the jobs, or
// raise the limit with [runtime/debug.SetMaxThreads].
//
// # Giving up
//
// [Desync.DoContext], [Desync.SyncContext] and [Desync.FutureContext] give up when a
// context ends before the job's turn. A canceled job has not run and never will: the
// error matches [ErrNotRun], ctx.Err() and context.Cause(ctx), and the caller gets it at
// once, however long the object is busy. A job that has started is never reported as not
// run. A canceled call frees its job and context at once, and its place in the queue
// before long. So the memory of an object that is stuck is bounded, even if callers give
// up and try again.
//
//	balance, err := account.SyncContext(ctx, func(ctx context.Context, a *Account) (int, error) {
//		return a.Balance, a.Load(ctx)
//	})
//	if errors.Is(err, desync.ErrNotRun) {
//		// nothing has happened: it may be tried again
//	}
//
// That error is a [*NotRunError], which also says which object and which call it is
// about. The key of an object of a [Map] is a field of it and not in its text.
//
// # Several objects
//
// [Sync2] and [DoAll] run one job that holds several objects at once. They take
// their places in all queues in one step, so there is no order of locks to keep:
// two calls that name the objects in opposite order cannot deadlock.
//
// A [Map] is a family of objects, one for each key. [Map.At] returns the object of a key,
// which has the methods of a plain object. The objects are made on first use, by a job of
// the key's object, and go away when they are deleted or have been idle for long enough;
// the order of each key's jobs holds throughout. An [Object] is either, a
// plain object or a key; Sync2 and DoAll take both:
//
//	desync.Sync2(accounts.At("ann"), accounts.At("bob"), func(ann, bob *Account) bool {
//		return ann.Pay(bob, 10)
//	})
//
// A job of [Key.DeleteIf] decides whether the value of its key goes, so that the last one
// out can remove the room. [Key.DoIfPresent] is for timers and broadcasts: it makes no
// value, and does not keep the key from being idle.
//
// [Map.Wait] waits for the jobs of all keys; if its context ends first, a [*WaitError] says
// which keys have jobs left, and how many.
//
// # Printing
//
// An object and a map, printed or logged by their pointers, show their name, their state
// and how many jobs or keys they have. That reads no data and waits for no job. One that is a
// value field of a printed struct is read by reflection, a data race; see
// [Desync.String].
//
// # Reading without a turn
//
// Jobs run one at a time, those that only read too. An object made by [NewPublished]
// publishes a value after each job, and whoever has its [Published] reads the last one
// beside a running job, at the price of an atomic load.
//
// # Memory
//
// In the terms of the Go memory model, the end of a job synchronizes before the
// beginning of the next job of the same object; the call that hands over a job
// synchronizes before the job; and the end of a job synchronizes before the
// return of the call, or of the Await, that gives its result. So the fields of T
// need no synchronization of their own if they are used only in jobs. Do not let the
// pointer that a job gets, or a slice or map inside the value, leave the job.
//
// # Panics
//
// After a panic the object goes on with the next job. The panic is not lost:
//
//   - in a job of Do, Sync or a Try, it is the caller's, as in any function it calls;
//   - in a job of Future, the future fails with a [*PanicError];
//   - in a job of Async, the process ends with the value and the stack of the panic,
//     as for any goroutine, unless [WithPanicHandler] names a handler.
//
// The same holds for other code of yours that this package calls, such as an [Observer]
// or the methods of a context. On the caller's goroutine the panic is the caller's; in
// the background it goes where that of an Async job goes. The object goes on as if the
// call had been complete or had not been made.
//
// A job of Do and Sync may call [runtime.Goexit]; it ends the calling goroutine
// and the object goes on. A background job must not: a waiting Do may be running
// it, and would end with it. That includes t.Fatal and t.FailNow of package
// testing.
//
// # Waiting inside a job
//
// A job may call Async and Future on any object, its own included. It may wait for
// other objects, unless that is a deadlock, a cycle of waits. A job that waits for its
// own object, or for a future of a job that is queued behind it, waits forever, and so
// do jobs that wait for each other's objects.
//
// A deadlock along the context that jobs are given is found in every build: the Context
// call that would wait returns a [*DeadlockError], which names the objects and the
// places of the calls.
//
//	a.DoContext(ctx, func(ctx context.Context, _ *A) error {
//		return b.DoContext(ctx, func(ctx context.Context, _ *B) error {
//			return a.DoContext(ctx, again) // a *DeadlockError, not a hang
//		})
//	})
//
// In builds with the race detector, and with the build tag desyncdebug, all waits are
// watched, also those of several goroutines and of Await. There a Do, Sync, Sync2 or
// DoAll that would close a cycle panics with the error, and DoContext, SyncContext,
// Await and [Map.Wait] return it. It is no deadlock if another wait of the cycle can
// end by its context.
//
// To avoid a deadlock, hand the inner job over with Async, or take all the objects at
// once with Sync2 or DoAll.
//
// # Watching
//
// [WithName] names an object in errors, execution traces and profiles. A goroutine that
// an object starts never has the profile labels of the goroutine that handed over the
// job. [WithObserver] tells an [Observer] when each job is queued, started and finished,
// and so how many there are and how long they wait. Objects without options pay for
// neither.
//
// # Testing
//
// All waiting is durably blocking in the sense of [testing/synctest], and every
// goroutine is started in the bubble of the call that needs it. An object may be
// used outside a bubble and later inside one, or in one bubble after another, as
// long as it is idle when it changes sides: call Do first to be sure of that. It
// must not be used on both sides at the same time. The same holds for a [Map], whose
// evictions go on in the bubble in which it is used. A bubble is recognized only if
// [testing.Testing] reports true, as in a program built by go test, and the clock shows
// a time before 2020; the clock of a bubble starts in 2000.
package desync
