// Package flight records what the jobs of objects do, and answers from that what is stuck, why
// a job has waited and which key is hot.
//
//	recorder := flight.New()
//	orders := desync.New(Orders{}, desync.WithName("orders"), desync.WithObserver(recorder))
//	go recorder.Watch(ctx, flight.Watch{Dir: "/var/tmp/dumps"})
//
// Like the recorder of an aircraft, a [Recorder] is always on and has the last moments. Ask it
// when something is wrong:
//
//	s := recorder.Snapshot()
//	for _, o := range s.Busy() {
//		fmt.Println(o.Object, o.Depth, o.Wait)
//		if o.Oldest != nil {
//			fmt.Println(s.Why(o.Oldest.ID))
//		}
//	}
//
// Or let it tell you: [Recorder.Watch] reports what runs or waits for too long, with the
// stacks. [Snapshot.WriteHTML] writes a timeline for people.
//
// # By hand
//
// Without the package one notes the time before and after each job:
//
//	func (s *Service) do(job func(*Orders)) {
//		queued := time.Now()
//		s.orders.Do(func(o *Orders) {
//			started := time.Now()
//			defer func() {
//				log.Printf("waited %v, ran %v", started.Sub(queued), time.Since(started))
//			}()
//			job(o)
//		})
//	}
//
// What this gets wrong:
//
//   - A job that is stuck says nothing: there is a line only when it has ended.
//   - The line of a job that has waited does not say for what. Whoever held the object may
//     have had a line long before, or has none, such as a suspension.
//   - A line for each job costs more than most jobs. A sample has the usual ones, and not the
//     slow one that matters.
//   - The log grows with the load, most of all when there is trouble.
//
// # What it keeps
//
// The last 16,384 jobs, or what [Jobs] says, those in flight included. A job that is in flight
// is not overwritten by others that come and go. If there are so many in flight that there is
// no room, the new ones are counted as dropped, until they go on.
//
// For each of the first 200 names: how many jobs have returned, panicked and not run;
// histograms of wait and run; and the last few slow ones, from a millisecond on by powers of
// ten, the last few that panicked and the last few that have not run. So a slow job is still
// there when a million fast ones have come since. Objects of further names share the name
// "other" for that. If hundreds of names have slow jobs of all kinds, the examples of some are
// among those of "other", too.
//
// All of it is less than 3 MB that [New] takes, whatever comes. Beside that it keeps the names
// and the texts of errors of those jobs, up to 256 bytes each. It keeps no keys of a map and
// no data, unless [ShowKeys] says so.
//
// # What it shows
//
// Of a background job it shows the file and line of its function. Of a call that waits, such
// as Do, it shows where the call was made, if it took a millisecond or more and has ended; of a
// suspension where it was made; and of a job that panicked the line that panicked. There is
// none if nothing of yours is on the stack, as with go orders.Do(job), and none for a job by
// Submit that does not say what it calls; those of the other adapters do. A Do that is stuck is
// on the stack of its goroutine, which [Recorder.Watch] finds.
//
// # What it costs
//
// An observer that does nothing costs some readings of the clock for each job. The recorder
// adds about four tenths to that, some 60 nanoseconds, and no allocation. Objects that are not
// observed pay nothing. A [Snapshot] of a full recorder takes some 10 milliseconds of one
// processor and 6 MB, which is garbage afterwards.
//
// Order does not apply: the recorder changes nothing in the order of jobs, and has none of its
// own. A Snapshot sorts jobs by their numbers, which grow along the calls.
package flight
