// Package pipe makes the items of channels and iterators jobs on objects, in order and
// with a bound.
//
// [In] is the end of a pipe: each item becomes a job, and a future settles when all have
// run. [InByKey] is the same on the objects of a [desync.Map]. [Through] is a stage: each item becomes a job with a result; range over the
// results, or pass them to the next stage. [ByKey] is a stage on the objects of a
// [desync.Map], where each key keeps its order and does not wait for the others.
//
//	parsed := pipe.Through(ctx, parser, lines, 16, parse)
//	stored := pipe.Through(ctx, store, parsed, 16, insert)
//	for id, err := range stored.All() {
//		...
//	}
//
// # By hand
//
// A stage is often written as a goroutine between two channels:
//
//	func insert(ctx context.Context, in <-chan Row, store *Store) <-chan int {
//		out := make(chan int, 16)
//		go func() {
//			defer close(out)
//			for row := range in {
//				id, err := store.Insert(ctx, row)
//				if err != nil {
//					log.Print(err) // and then?
//				}
//				out <- id
//			}
//		}()
//		return out
//	}
//
// What it gets wrong, and Through does not:
//
//   - If the consumer returns early, the goroutine stays at out <- id forever, and so do
//     all stages before it and the sender to the first channel. A loop over [Stage.All],
//     however it ends, ends the whole pipeline before it returns, even while a stage waits
//     for a channel on which nothing comes.
//   - A common fix is a select on ctx.Done() at both channels. Then the item that is held
//     at that moment and those in the buffers are lost, and nobody knows how many. Here
//     the results that are ready still come, and a [*StoppedError] has the items that
//     were taken and not run.
//   - There is no place for errors. Here each error comes in the place of its item, and
//     neither an error nor a panic of one item keeps the others from being run.
//   - The store belongs to the goroutine: no other code may use it while the stage lives.
//     Here the jobs take turns with all others on the object.
//   - The goroutine still runs when the function has long returned. Here it ends with the
//     loop, and so do the jobs.
//
// In place of In one would write a loop around Async, which queues without bound when the
// source is faster than the jobs. A semaphore would add the bound, but the loop must
// still count, watch the context, pass on a panic and wait for the last job.
//
// # Order and bounds
//
// Jobs run and results come in the order of the source. A source is asked for an item
// only when there is room for it. So a slow consumer slows down every stage before it,
// and no stage holds more items than its depth. A large depth costs nothing by itself:
// only the items in the stage take memory. Each In, and each stage that is being ranged
// over, has one goroutine; a stage with [Stage.Chan] has two. There is no goroutine per
// item.
//
// When the context ends, the objects keep nothing of items that were taken and not run,
// even while other jobs run there.
//
// A stage may be used in one testing/synctest bubble, then in another, then outside, if
// its source and its objects may. But one range, or one In, must be entirely inside or
// outside.
//
// # What the functions may do
//
// They are jobs of the object, with the rules of package desync: they must not wait for
// their own object, nor call runtime.Goexit, which is reported as [futures.ErrGoexit]. A
// job must not range over a stage that has jobs on the same object, nor await the future
// of an [In] on it: it would wait for its own object.
//
// The context of a job does not record which object the job holds, so deadlocks are found
// only in builds that watch all waits; see [desync.DeadlockError]. There a stage ends
// with a [*StoppedError] that matches the DeadlockError, and an Await of the future of an
// In returns the DeadlockError. A loop over a stage panics with it if the loop cannot end
// because a running job of the stage waits for it.
package pipe
