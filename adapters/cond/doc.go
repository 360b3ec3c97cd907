// Package cond lets a job wait until the data of its object satisfies a condition: until a
// queue is not empty, a document is loaded, or the sum is there. It is what a [sync.Cond] is
// to a mutex, with a context and without a goroutine that waits.
//
//	c := cond.New(d) // d is an object or a key of a Map
//	ready := c.When(ctx, func(q *queue) bool { return len(q.items) > 0 }, take)
//	c.Do(add)        // and after this job the condition is looked at
//	item, err := ready.Await(ctx)
//
// # By hand
//
// With a sync.Cond:
//
//	mu.Lock()
//	for len(q.items) == 0 {
//		cond.Wait()
//	}
//	item := take(q)
//	mu.Unlock()
//
// What this gets wrong, and a [Cond] does not:
//
//   - The wait cannot be given up: a Wait knows no context.
//   - Whoever changes the data must call Signal or Broadcast, and a call that is missing is
//     found late, when a program hangs. Here each job that is given through the Cond is
//     followed by a look.
//   - Between the change and the moment when a waiter has the lock, others change the data
//     again. A condition that held for one moment is missed. Here it is looked at in the same
//     turn as the change, before the next job, and the waiting job runs then.
//   - All that wait are woken by a Broadcast, in any order, to find that one of them was
//     enough. Here the first whose condition holds runs first.
//   - Each waits on a goroutine.
//
// With Async one would look again and again, in a job that queues itself, or poll with a
// timer: both cost time while nothing happens.
//
// # Jobs that are given otherwise
//
// The conditions are looked at after the jobs that are given through the Cond: [Cond.Async],
// [Cond.Do], [Cond.DoContext] and the jobs of [Cond.When]. If other code uses the object
// itself, call [Cond.Look] after its changes. A job that the Cond has given through a bound, a
// group or a pipe can call [Cond.Check] itself as its last step.
//
// Every look calls the conditions of all jobs that wait, so they must be quick.
//
// # Keys
//
// A job that waits for a condition does not hold the object, nor does it keep the key of a
// Map from being idle. If the value goes meanwhile, the condition is looked at on the next one.
package cond
