// Package timed hands jobs over to Desync objects when their time has come.
//
//	t := timed.After(session, 30*time.Minute, (*Session).Expire)      // once
//	t := timed.Every(stats, time.Minute, (*Stats).Report)             // again and again
//	t := timed.Schedule(backup, cron.Next, (*Backup).Run)             // at the times of a function
//	save := timed.Debounce(doc, time.Second, time.Minute, (*Doc).Save) // when it is quiet
//	show := timed.Throttle(page, 100*time.Millisecond, (*Page).Draw)  // not too often
//
// A [Timer] or [Ticker] can be stopped and started again, and a [Trigger], which the last two
// return, is called. If Stop returns true, the job never runs. That holds also at the moment
// at which the time has come, and while the job is in the queue of its object.
//
// The timers are those of the runtime. No goroutine waits while nothing is due, and nothing
// is left when a Timer has been stopped or its job has run.
//
// # By hand
//
//	timer := time.AfterFunc(30*time.Minute, func() {
//		session.Async((*Session).Expire)
//	})
//	...
//	if !timer.Stop() {
//		// too late
//	}
//
//	ticker := time.NewTicker(time.Minute)
//	go func() {
//		for range ticker.C {
//			stats.Async((*Stats).Report)
//		}
//	}()
//
// What this gets wrong, and this package does not:
//
//   - If Stop returns false, the job may have run, may run now, or may run in an hour, when the
//     object is free. Nothing can take it back, and Reset may make two of one.
//   - When the object is busy for an hour, sixty Reports wait in its queue, and run one after
//     the other.
//   - The goroutine of the ticker never ends, not even after ticker.Stop, and keeps the object
//     alive.
//   - A key of a Map is used each minute, so it is never idle, and stays forever.
//   - A timer that is set again by each call, to save when it is quiet, never fires as long as
//     there are calls. And between the last call and the save everything may be lost, since
//     at the end of the process nobody knows whether there is something to save; here
//     [Trigger.Stop] says so.
//
// Order does not apply: a job takes its place in the queue of its object when its time has
// come, and from then on it keeps the order of the object. Which of two timers that are due
// at the same time is first, the runtime does not say.
//
// # Failures
//
// A panic of a job is handled as that of [desync.Desync.Async]: it ends the process, or goes to
// the handler of the object. In that case a Ticker goes on. If an observer of the object panics
// while a job is handed over by a timer, there is no caller to tell, and the process ends, as
// with time.AfterFunc.
package timed
