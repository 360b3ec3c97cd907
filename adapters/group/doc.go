// Package group runs jobs on objects as parts of one task: like an errgroup, the first
// error cancels the rest, and Wait waits for all.
//
//	g, ctx := group.WithContext(ctx)
//	for _, u := range users {
//		group.Go(g, u.account, func(ctx context.Context, a *Account) error {
//			return a.Charge(ctx, fee)
//		})
//	}
//	err := g.Wait()
//
// # By hand
//
// With [errgroup.Group] alone each job gets a goroutine that waits for the object:
//
//	eg, ctx := errgroup.WithContext(ctx)
//	for _, u := range users {
//		eg.Go(func() error {
//			return u.account.DoContext(ctx, func(ctx context.Context, a *Account) error {
//				return a.Charge(ctx, fee)
//			})
//		})
//	}
//	err := eg.Wait()
//
// That is sound, as far as it goes. What it gets wrong, and [Go] does not:
//
//   - Two jobs on one account run in any order, because their goroutines race for their
//     places. Go takes the place before it returns.
//   - With SetLimit, functions that wait for their turn fill the limit. If the object's
//     holder needs one more call of Go, or the job that would fail and cancel the others
//     is the one over the limit, nothing moves any more. Here only jobs that run count,
//     and Go does not block; see [Group.SetLimit].
//   - To queue with Async instead, in order and without goroutines, takes a count of
//     what is queued, or Wait returns while jobs still run; and each job has to look at
//     the context, or those behind a failed one run although Wait has returned.
//   - FutureContext does look at the context. But then Wait has to wait for futures, on
//     a goroutine each, and a panic becomes an error of a future that may be read late
//     or never.
//   - An eg.Go beside eg.Wait is an error of its user, which the race detector may or
//     may not find. Here the job is waited for or Go returns false.
//
// # Differences from errgroup
//
// A job that has begun is like a function of an errgroup. A panic is not recovered: it
// ends the process at once with its own stack, before Wait returns, and an object with
// a panic handler has that told instead. Other things differ:
//
//   - Go never blocks and says whether it has accepted the job. What bounds the memory
//     of a fast producer is package bounded, or a pipe.
//   - Wait does not wait for jobs that can no longer run, and reports them if no job has
//     failed: an error that matches [desync.ErrNotRun]. Nothing of them is left behind on
//     an object that others hold.
//   - After Wait the group is over, the zero Group too.
//
// The context of a job is that of the group. It does not know of the object that the job
// holds, so that rings of waits are found in builds that watch all waits only; see
// [desync.DeadlockError].
package group
