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
// The calls of one goroutine on one object run in the order in which it makes them. If a
// call has returned before another begins, on any goroutine, its job runs first. No job
// overtakes one that is queued. The jobs of calls that are made at the same time run in
// some order, one after the other.
//
// So while nothing but calls of Do and Sync, and of their Context variants, waits for an
// object, these calls may run in any order, and a new call may run before those that
// wait. That makes a contended Do as cheap as a contended mutex. Once a call has waited
// for more than a millisecond, new calls no longer run before it.
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
// once, however long the object is busy. Once a job has started, its call never returns
// ErrNotRun. A canceled call frees its job and context at once, and its place in the
// queue soon after. So an object that is stuck does not use more and more memory while
// callers give up and try again.
//
//	balance, err := account.SyncContext(ctx, func(ctx context.Context, a *Account) (int, error) {
//		return a.Balance, a.Load(ctx)
//	})
//	if errors.Is(err, desync.ErrNotRun) {
//		// nothing has happened: it may be tried again
//	}
//
// That error is a [*NotRunError], which also has the object and the call. For an object
// of a [Map] the key is in a field of the error, but not in its text.
//
// # Several objects
//
// [Sync2], [Sync3] and [DoAll] run one job that holds several objects at once. They take
// their places in all queues in one step, so there is no order of locks to keep:
// two calls that name the objects in opposite order cannot deadlock. While they wait for
// one object, they may hold others.
//
// [Sync2Context] and [DoAllContext] give up when their context ends: they leave all queues,
// and let go of the objects that they hold already. [Future2] and [FutureAll] do not wait
// and return a future of the job's result; the job runs on a goroutine of its own.
//
// A [Map] is a family of objects, one for each key. [Map.At] returns the object of a key,
// which has the methods of a plain object. An object is made on first use of its key, by a
// job of that object. It goes away when the key is deleted or has been idle for long
// enough. The jobs of a key keep their order throughout. An [Object] is a plain object or a
// key; Sync2 and its like take both:
//
//	desync.Sync2(accounts.At("ann"), accounts.At("bob"), func(ann, bob *Account) bool {
//		return ann.Pay(bob, 10)
//	})
//
// The function that makes the values may load them: with [NewMapContext] it gets the context
// of the call and may return an error, which the call then fails with as a [*ValueError].
// [Map.OnRemove] names a function that is given each value that goes away, to save it for
// example. If the function fails, the value stays, and it is tried again later.
//
// A job of [Key.DeleteIf] decides whether the value of its key goes, so that the last one
// out can remove the room. [Key.DoIfPresent] is for timers and broadcasts: it makes no
// value, and does not keep the key from being idle. [Map.Broadcast] runs a job on all keys at
// once, and [Map.Range] on one after the other.
//
// [Map.Wait] waits for the jobs of all keys. If its context ends first, it returns a
// [*WaitError], which says which keys have jobs left, and how many. Broadcast does the same.
//
// # Printing
//
// Print or log an object or a map by its pointer. It shows its name, its state and the
// number of its jobs or keys. That reads no data and waits for no job. But package fmt
// reads an object that is a value field of a printed struct by reflection, which is a
// data race; see [Desync.String].
//
// # Reading without a turn
//
// Jobs run one at a time, even those that only read. An object made by [NewPublished]
// publishes a value after each job. Its [Published] gives the latest value to any reader,
// even while a job runs, at the price of an atomic load.
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
//   - in a job of Do, Sync or a Try, the panic goes to the caller, as from any function
//     that it calls;
//   - in a job of Future, the future fails with a [*PanicError];
//   - in a job of Async, the process ends with the value and the stack of the panic,
//     as for any goroutine, unless [WithPanicHandler] names a handler.
//
// The same holds for other code of yours that this package calls, such as an [Observer]
// or the methods of a context. On the caller's goroutine, the panic goes to the caller.
// In the background, it is handled like the panic of an Async job. The object goes on as
// if the call had completed or had not been made.
//
// A job of Do and Sync may call [runtime.Goexit]; it ends the calling goroutine and the
// object goes on. A background job must not call it: the goroutine that runs the job may
// be that of a waiting Do, which would then end too. That includes t.Fatal and t.FailNow
// of package testing.
//
// # Waiting inside a job
//
// A job may call Async and Future on any object, its own included. It may wait for
// other objects, unless that is a deadlock, a cycle of waits. A job that waits for its
// own object, or for a future of a job that is queued behind it, waits forever, and so
// do jobs that wait for each other's objects.
//
// Every build finds deadlocks along the contexts that jobs are given: the Context call
// that would wait forever returns a [*DeadlockError], which names the objects and the
// places of the calls.
//
//	a.DoContext(ctx, func(ctx context.Context, _ *A) error {
//		return b.DoContext(ctx, func(ctx context.Context, _ *B) error {
//			return a.DoContext(ctx, again) // a *DeadlockError, not a hang
//		})
//	})
//
// Builds with the race detector or the build tag desyncdebug watch all waits, including
// those of other goroutines and of Await. There a Do, Sync, Sync2, Sync3 or DoAll that
// would close a cycle of waits panics with the error, and the calls with a context, Await
// and [Map.Wait] return it. A cycle is not reported if the context of another wait in it can
// end that wait.
//
// To avoid a deadlock, hand the inner job over with Async, or take all the objects at
// once with Sync2 or DoAll.
//
// # Watching
//
// [WithName] names an object in errors, execution traces and profiles. A goroutine that
// runs background jobs never has the profile labels of the goroutine that handed over the
// job, or of another object. [WithObserver] tells an [Observer] when each job is queued,
// started and finished, and when the object is held without one; from that it can count jobs,
// measure how long they wait, and say what is stuck. The packages flight, debug and otel of the
// adapters are made of that. Objects without these options pay nothing for them.
//
// # Testing
//
// All waiting is durably blocking in the sense of [testing/synctest], and every goroutine
// is started in the bubble of the call that needs it. An object may be used outside a
// bubble and later inside one, or in one bubble after another, as long as it is idle in
// between: call Do first to be sure of that. It must not be used inside and outside at
// the same time. The same holds for a [Map]; it evicts keys in the bubble in which it is
// used. A bubble is recognized only if [testing.Testing] reports true, as in a program
// built by go test, and the clock shows a time before 2020; the clock of a bubble starts
// in 2000.
package desync
