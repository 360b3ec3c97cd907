// Package retry tries a job of an object again when it has failed, with pauses.
//
//	policy := retry.Policy{Attempts: 5, Pause: retry.Exponential(100*time.Millisecond, 10*time.Second)}
//	err := retry.Do(ctx, policy, d, send)            // waits
//	f := retry.Future(ctx, policy, d, sendAndCount)  // does not
//	err = policy.Run(ctx, attempt)                   // in a job that was given in another way
//
// The object is held through the pauses, so that the order of its jobs stays as it is: what is
// queued behind a job that is being tried again waits for it. With [Policy.GiveBack] the object
// goes on during the pause, and the next attempt takes a new place at the tail.
//
// # By hand
//
//	d.Async(func(c *conn) {
//		for i := range 5 {
//			if err := c.Send(msg); err == nil {
//				return
//			}
//			time.Sleep(100 * time.Millisecond << i)
//		}
//	})
//
// What this gets wrong, and this package does not:
//
//   - The caller does not learn whether it has worked, and the last error is lost.
//   - The pauses cannot be given up: a program that is shut down waits for all of them.
//   - An error that stays, such as a wrong address, is tried again as often as one that goes
//     away.
//   - All that have failed at the same time try again at the same time. [Exponential] has
//     jitter.
//   - To let others go first, the job must be handed over again after the pause, with a timer
//     that nobody stops, and whoever waits for the result must be told through all of it.
package retry
