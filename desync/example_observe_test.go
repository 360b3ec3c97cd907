package desync_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/go-desync/go-desync/desync"
)

// Stats are numbers that an observer can derive from the jobs of its objects.
type Stats struct {
	desync.NopObserver // for the methods of later versions

	Waiting, Running        atomic.Int64 // now
	Ended, Failed, Canceled atomic.Int64 // since the beginning
	Waited, Ran             atomic.Int64 // nanoseconds, of all that have ended
}

func (s *Stats) Queued(desync.JobInfo) { s.Waiting.Add(1) }

func (s *Stats) Started(desync.JobInfo) {
	s.Waiting.Add(-1)
	s.Running.Add(1)
}

func (s *Stats) Finished(j desync.JobInfo) {
	if j.Outcome == desync.OutcomeNotRun {
		s.Waiting.Add(-1)
		s.Canceled.Add(1)
		return
	}
	s.Running.Add(-1)
	s.Ended.Add(1)
	if j.Outcome == desync.OutcomeUnwound {
		s.Failed.Add(1)
	}
	s.Waited.Add(int64(j.Started.Sub(j.Queued)))
	s.Ran.Add(int64(j.Finished.Sub(j.Started)))
}

// An observer can keep statistics. An object without an observer pays nothing for
// them.
func ExampleObserver() {
	stats := new(Stats)
	d := desync.New(0, desync.WithObserver(stats))
	for range 3 {
		d.Do(func(n *int) { *n++ })
	}
	func() {
		defer func() { recover() }()
		d.Do(func(n *int) { panic("a boom") })
	}()
	d.Do(func(*int) {
		d.Future(func(n *int) int { return *n })
		fmt.Println("now", stats.Waiting.Load(), "waits and", stats.Running.Load(), "runs")
	})
	d.Do(func(*int) {})
	fmt.Println(stats.Ended.Load(), "have ended,", stats.Failed.Load(), "with a panic")
	// Output:
	// now 1 waits and 1 runs
	// 7 have ended, 1 with a panic
}

// slowJobs needs only one method; the others come from NopObserver.
type slowJobs struct {
	desync.NopObserver
	limit time.Duration
}

func (s slowJobs) Finished(j desync.JobInfo) {
	if j.Finished.Sub(j.Started) > s.limit {
		fmt.Println("a job of", j.Object, "took too long")
	}
}

func ExampleNopObserver() {
	d := desync.New("", desync.WithName("reports"), desync.WithObserver(slowJobs{limit: time.Millisecond}))
	d.Do(func(*string) { time.Sleep(2 * time.Millisecond) })
	// Output: a job of reports took too long
}

func ExampleWithObserver() {
	stats := new(Stats)
	// One observer may serve many objects, including those of a Map.
	words := desync.New([]string{}, desync.WithObserver(stats))
	counts := desync.NewMap(func(string) int { return 0 }, desync.WithObserver(stats))
	words.Do(func(w *[]string) { *w = append(*w, "be") })
	counts.At("be").Do(func(n *int) { *n++ })
	fmt.Println(stats.Ended.Load(), "jobs")
	// Output: 2 jobs
}

// printer prints what it is told.
type printer struct{ desync.NopObserver }

func (printer) Queued(j desync.JobInfo) {
	fmt.Println("queued", j.Object, j.Outcome, j.Finished.IsZero())
}

func (printer) Finished(j desync.JobInfo) {
	fmt.Println("finished", j.Object, j.Outcome, j.Err)
}

func ExampleJobInfo() {
	d := desync.New(0, desync.WithName("numbers"), desync.WithObserver(printer{}))
	d.Do(func(n *int) { *n++ })
	// Output:
	// queued numbers unfinished true
	// finished numbers returned <nil>
}

// calls prints the calls by which the jobs were handed over.
type calls struct{ desync.NopObserver }

func (calls) Queued(j desync.JobInfo) {
	fmt.Println(j.Call, "waits:", j.Waits(), "jobs ahead:", j.Ahead)
}

func (calls) Held(j desync.JobInfo) { fmt.Println("held by", j.Call) }

func ExampleJobInfo_Waits() {
	d := desync.New(0, desync.WithObserver(calls{}))
	resume := d.Suspend()
	f := d.Future(func(n *int) int { return *n })
	resume()
	f.Await(context.Background())
	d.Do(func(n *int) {})
	// Output:
	// suspend waits: false jobs ahead: 0
	// held by suspend
	// future waits: false jobs ahead: 1
	// do waits: true jobs ahead: 0
}

func ExampleCall() {
	fmt.Println(desync.CallAsync, "/", desync.CallDo, "/", desync.CallTry, "/", desync.CallFuture, "/",
		desync.CallAfter, "/", desync.CallSeveral, "/", desync.CallSuspend)
	// Output: async / do / try / future / after / several / suspend
}

func ExampleCall_String() {
	fmt.Println(desync.CallSeveral.String())
	// Output: several
}

// spans gives each job with a context a number that the job can find there.
type spans struct{ desync.NopObserver }

type spanKey struct{}

func (spans) JobContext(ctx context.Context, j desync.JobInfo) context.Context {
	return context.WithValue(ctx, spanKey{}, "the span of a job of "+j.Object)
}

func ExampleContextObserver() {
	d := desync.New(0, desync.WithName("orders"), desync.WithObserver(spans{}))
	d.DoContext(context.Background(), func(ctx context.Context, _ *int) error {
		fmt.Println(ctx.Value(spanKey{}))
		return nil
	})
	// Output: the span of a job of orders
}

func ExampleOutcome() {
	fmt.Println(desync.OutcomeUnfinished, "/", desync.OutcomeReturned, "/", desync.OutcomeUnwound, "/", desync.OutcomeNotRun)
	// Output: unfinished / returned / unwound / not run
}

func ExampleOutcome_String() {
	fmt.Println(desync.OutcomeUnwound.String())
	// Output: unwound
}
