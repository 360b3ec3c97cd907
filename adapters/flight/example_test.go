package flight_test

import (
	"context"
	"expvar"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/go-desync/go-desync/adapters/flight"
	"github.com/go-desync/go-desync/desync"
)

func ExampleNew() {
	recorder := flight.New()
	orders := desync.New(0, desync.WithName("orders"), desync.WithObserver(recorder))
	orders.Do(func(n *int) { *n++ })
	orders.Do(func(n *int) { *n++ })
	s := recorder.Snapshot()
	fmt.Println(len(s.Jobs), "jobs, the last of", s.Jobs[1].Name)
	// Output: 2 jobs, the last of orders
}

func ExampleJobs() {
	recorder := flight.New(flight.Jobs(1000)) // rounded up to 1024
	orders := desync.New(0, desync.WithObserver(recorder))
	for range 5000 {
		orders.Do(func(n *int) { *n++ })
	}
	s := recorder.Snapshot()
	fmt.Println(len(s.Jobs), "of", s.Recorded)
	// Output: 1024 of 5000
}

func ExampleOption() {
	small := []flight.Option{flight.Jobs(256)}
	recorder := flight.New(small...)
	fmt.Println(len(recorder.Snapshot().Jobs))
	// Output: 0
}

func ExampleShowKeys() {
	recorder := flight.New(flight.ShowKeys(func(_ string, key any) string {
		return key.(string)[:1] + "…" // not the whole name
	}))
	accounts := desync.NewMap(func(string) int { return 0 }, desync.WithName("accounts"), desync.WithObserver(recorder))
	accounts.At("ann").Do(func(n *int) { *n++ })
	fmt.Println(recorder.Snapshot().Jobs[0].Object)
	// Output: accounts[a…]
}

func ExampleRecorder() {
	recorder := flight.New()
	var v expvar.Var = recorder // for expvar.Publish("desync", recorder)
	orders := desync.New(0, desync.WithName("orders"), desync.WithObserver(recorder))
	orders.Do(func(n *int) { *n++ })
	fmt.Println(strings.Contains(v.String(), `"orders":{"returned":1,"unwound":0,"notRun":0,`))
	// Output: true
}

// stuck returns a recorder that has a stuck job and one that waits, and how to let them go on.
func stuck() (recorder *flight.Recorder, goOn func()) {
	recorder = flight.New()
	orders := desync.New(0, desync.WithName("orders"), desync.WithObserver(recorder))
	begun, gate := make(chan struct{}), make(chan struct{})
	orders.Async(func(*int) { close(begun); <-gate })
	<-begun
	orders.Async(func(*int) {})
	return recorder, func() {
		close(gate)
		orders.Do(func(*int) {})
	}
}

func ExampleWatch() {
	recorder, goOn := stuck()
	defer goOn()

	ctx, cancel := context.WithCancel(context.Background())
	recorder.Watch(ctx, flight.Watch{ // most often on a goroutine of its own
		Running: 10 * time.Millisecond,
		Every:   time.Millisecond,
		Report: func(r flight.Report) {
			fmt.Println(r.What, r.Job.Name, r.Job.Call, r.Job.Code != "")
			cancel()
		},
	})
	// Output: running orders async true
}

func ExampleReport() {
	r := flight.Report{
		What: flight.Running, For: 12 * time.Second, Count: 1,
		Job:    flight.Job{ID: 201, Object: "orders#12", Call: desync.CallAsync, Code: "/src/shop/orders.go:88"},
		Object: flight.Object{Object: "orders#12", Depth: 10},
	}
	fmt.Println(r)
	// Output: orders#12: job 201 (async, orders.go:88) has run for 12s, before 9 jobs
}

func ExampleLogReport() {
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}))
	report := flight.LogReport(logger) // for Watch{Report: report}
	report(flight.Report{What: flight.Stopped, For: 30 * time.Second})
	// Output: level=WARN msg="desync: the process was stopped for 30s" what=stopped for=30s
}

func ExampleSnapshot() {
	recorder, goOn := stuck()
	defer goOn()

	s := recorder.Snapshot()
	for _, o := range s.Busy() {
		fmt.Println(o.Name, "has", o.Depth, "jobs, and is held by one of", o.Holder.Call)
		for _, j := range s.Chain(o.Oldest.ID) {
			fmt.Println(j.Call, "started:", !j.Started.IsZero())
		}
	}
	// Output:
	// orders has 2 jobs, and is held by one of async
	// async started: false
	// async started: true
}

func ExampleObject() {
	recorder, goOn := stuck()
	defer goOn()

	for _, o := range recorder.Snapshot().Busy() {
		fmt.Println(o.Name, o.Depth, o.Holder != nil, o.Oldest != nil)
	}
	// Output: orders 2 true true
}

func ExampleJob() {
	recorder := flight.New()
	orders := desync.New(0, desync.WithName("orders"), desync.WithObserver(recorder))
	orders.Do(func(*int) {})
	j := recorder.Snapshot().Jobs[0]
	fmt.Println(j.Name, j.Call, j.Waits, j.Ahead, j.Outcome)
	// Output: orders do true 0 returned
}

func ExampleName() {
	recorder := flight.New()
	orders := desync.New(0, desync.WithName("orders"), desync.WithObserver(recorder))
	func() {
		defer func() { recover() }()
		orders.Do(func(*int) { panic("no such order") })
	}()
	for _, n := range recorder.Snapshot().Names {
		if n.Name == "orders" {
			fmt.Println(n.Returned, n.Unwound, n.Failed[0].Call)
		}
	}
	// Output: 0 1 do
}

func ExampleHistogram() {
	var h flight.Histogram
	h.Counts[11] = 90 // below 2048 ns
	h.Counts[24] = 10 // below 16.8 ms
	fmt.Println(h.Count(), h.Quantile(0.5), h.Quantile(0.99))
	// Output: 100 2.048µs 16.777216ms
}

func ExampleShare() {
	recorder := flight.New(flight.ShowKeys(func(_ string, key any) string { return fmt.Sprint(key) }))
	accounts := desync.NewMap(func(string) int { return 0 }, desync.WithName("accounts"), desync.WithObserver(recorder))
	for _, user := range []string{"ann", "ben", "ann", "ann"} {
		accounts.At(user).Do(func(n *int) { *n++ })
	}
	for _, s := range recorder.Snapshot().Hot("accounts") {
		fmt.Printf("%s %.0f%%\n", s.Object, 100*s.Share)
	}
	// Output:
	// accounts[ann] 75%
	// accounts[ben] 25%
}

// at3 returns a moment, in microseconds after three in the morning.
func at3(µs int) time.Time {
	return time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC).Add(time.Duration(µs) * time.Microsecond)
}

// waited is a snapshot of a job, a suspension and a job that has waited for both.
func waited() *flight.Snapshot {
	return &flight.Snapshot{Taken: at3(9000), Jobs: []flight.Job{
		{ID: 1, Object: "orders#12", ObjectID: 12, Call: desync.CallDo, Code: "/src/orders.go:88", Queued: at3(0), Started: at3(0), Finished: at3(4000)},
		{ID: 2, Object: "orders#12", ObjectID: 12, Call: desync.CallSuspend, Code: "/src/orders.go:91", Queued: at3(100), Held: at3(4000), Finished: at3(6000)},
		{ID: 3, Object: "orders#12", ObjectID: 12, Call: desync.CallAsync, Code: "/src/orders.go:95", Ahead: 2, Queued: at3(200), Started: at3(7000), Finished: at3(7100)},
	}}
}

func ExampleWhy() {
	fmt.Println(waited().Why(3))
	// Output: job 3 of orders#12 waited 6.80 ms: 3.80 behind 1 job (1, orders.go:88), 2.00 held by 1 job that did not run (2, orders.go:91), 1.00 for a processor
}

func ExamplePart() {
	for _, p := range waited().Why(3).Ahead {
		fmt.Println(p.Job.ID, p.Time)
	}
	// Output: 1 3.8ms
}
