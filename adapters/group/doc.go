// Package group runs jobs on objects as parts of one task: like an errgroup, the first
// error cancels the rest, and Wait waits for all.
//
//	g, ctx := group.WithContext(ctx)
//	for _, u := range users {
//		g.Go(u.account, func(ctx context.Context, a *Account) error {
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
// That works, up to a point. What it gets wrong, and [Group.Go] does not:
//
//   - Two jobs on one account run in any order, because their goroutines race for their
//     places. Go takes the place before it returns.
//   - With SetLimit, functions that wait for their turn count toward the limit. If the
//     job that runs calls Go once more, or if the job that would fail and cancel the
//     others is over the limit, everything stops. Here only jobs that run count, and Go
//     does not block; see [Group.SetLimit].
//   - Async would queue the jobs in order and without goroutines. But then you must count
//     what is queued, or Wait returns while jobs still run. And each job must look at the
//     context, or jobs behind a failed one run although Wait has returned.
//   - FutureContext does look at the context. But then Wait must wait for futures, each
//     on a goroutine, and a panic becomes an error of a future that may be read late or
//     never.
//   - A call of eg.Go during eg.Wait is a mistake that the race detector may or may not
//     find. Here Wait waits for the job, or Go returns false.
//
// # Differences from errgroup
//
// A job that has begun is like a function of an errgroup. A panic is not recovered: it
// ends the process at once with its own stack, before Wait returns. If the object has a
// panic handler, the handler is called instead. Other things differ:
//
//   - Go never blocks, and reports whether it has accepted the job. To bound the memory
//     of a fast producer, use package bounded, or a pipe.
//   - Wait does not wait for jobs that can no longer run. If there are such jobs and none
//     has failed, Wait returns an error that matches [desync.ErrNotRun]. Their objects
//     keep nothing of them, even while other jobs run there.
//   - [Group.JoinErrors] keeps all errors, and not only the first.
//   - After Wait the group cannot be used again, not even the zero Group.
//
// The context of a job is that of the group. It does not record which object the job
// holds, so deadlocks are found only in builds that watch all waits; see
// [desync.DeadlockError].
package group
