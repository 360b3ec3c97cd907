// Package pipe makes jobs on objects of the items of channels and iterators, in order
// and bounded.
//
// [In] is the end of a pipe: each item becomes a job, and a future says when all have
// run. [Through] is a stage: each item becomes a job with a result, and the results are
// ranged over, or go into the next stage. [ByKey] is a stage on the objects of a
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
//   - A consumer that returns early leaves the goroutine at out <- id for ever, and with
//     it each stage before and whoever sends to the first channel. A loop over
//     [Stage.All] that ends, in whatever way, ends the whole pipeline before it goes on,
//     also while the stages wait for a channel in which nothing comes.
//   - With a select on ctx.Done() at both channels, as it is often mended, the item that
//     is held at that moment and those in the buffers are lost, and nobody knows how many
//     they were. Here the results that are ready still come, and a [*StoppedError] counts
//     the items that were taken and not run.
//   - Errors need a place. Here each comes in place of its item, and neither it nor a
//     panic in one item keeps the others from being run.
//   - The store belongs to the goroutine: nobody else may use it while the stage lives.
//     Here the jobs take turns with all others on the object.
//   - What sends to the stages' channels runs in the background when the function has
//     long returned. Here it has ended with the loop, and so have the jobs.
//
// The source of In, by hand a loop around Async, would queue without bound when it is
// faster than the jobs; with a semaphore for that, the loop still has to count, to notice
// the context, to pass on a panic and to wait for the last job.
//
// # Order and bounds
//
// Jobs run and results come in the order of the source. Everything is pulled: a source is
// asked for an item when there is room for it, so a slow consumer slows down every stage
// before it, and no stage holds more than its depth. A depth is a bound and no size:
// memory is taken for the items that are there, so that a large one costs nothing. Each
// In, and each stage that is being ranged over, has one goroutine, one by [Stage.Chan]
// has two, and there is none for an item.
//
// What a pipe has taken and its context keeps from being run leaves nothing behind on an
// object that others hold.
//
// A stage may be used in a testing/synctest bubble, in another and outside, as far as its
// source and its objects may, but one range, and one In, is inside or outside as a whole.
//
// # What the functions may do
//
// They are jobs of the object, with all that package desync says about these: they must
// not wait for their own object, nor call runtime.Goexit, which they report as
// [futures.ErrGoexit] when they do. To range over a stage inside a job of one of its
// objects is to wait for one's own object, and so is an Await of the future of an [In] on
// it. The context that they get does not know of the object that the job holds, so that
// rings of waits are found in builds that watch all waits only; see
// [desync.DeadlockError]. There the stage ends with a [*StoppedError] that matches the
// DeadlockError, and Await returns it. A loop over a stage panics with it if it cannot
// end, because a job of the stage that runs waits for the loop.
package pipe
