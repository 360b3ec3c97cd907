package flight_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/trace"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/adapters/flight"
	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures/waits"
)

// fewerWhenWatched is n, or a tenth of it in builds that take ten times as long.
func fewerWhenWatched(n int) int {
	if waits.Watching {
		return n / 10
	}
	return n
}

// reported runs Watch in the bubble of t and returns how to get the reports so far.
func reported(t *testing.T, r *flight.Recorder, w flight.Watch) func() []flight.Report {
	t.Helper()
	reports := make(chan flight.Report, 1000)
	w.Report = func(r flight.Report) { reports <- r }
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.Watch(ctx, w)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	return func() (all []flight.Report) {
		synctest.Wait()
		for len(reports) > 0 {
			all = append(all, <-reports)
		}
		return all
	}
}

func TestWatchReportsAJobThatRunsForTooLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := flight.New()
		orders := observed(r, "orders")
		reports := reported(t, r, flight.Watch{}) // 10 seconds
		gate := make(chan struct{})
		orders.Async(func(*int) { <-gate })
		code := lineBefore()
		synctest.Wait()
		orders.Async(func(*int) {})

		time.Sleep(9500 * time.Millisecond)
		if all := reports(); len(all) != 0 {
			t.Fatalf("after less than 10s: %v", all)
		}
		time.Sleep(time.Second)
		all := reports()
		if len(all) != 1 {
			t.Fatalf("after more than 10s: %v; want one report", all)
		}
		p := all[0]
		if p.What != flight.Running || p.For != 10*time.Second || p.Count != 1 || p.Job.Code != code || p.Object.Depth != 2 || p.Object.Object != p.Job.Object {
			t.Errorf("reported: %+v", p)
		}
		if want := fmt.Sprintf("%s: job %d (async, %s) has run for 10s, before 1 job", p.Job.Object, p.Job.ID, base(code)); p.String() != want {
			t.Errorf("in a line: %s\nwant: %s", p, want)
		}
		if !strings.Contains(p.Stacks, "TestWatchReportsAJobThatRunsForTooLong") || !strings.Contains(p.Stacks, `"desync":"orders"`) {
			t.Errorf("the stacks are not those of the job:\n%s", p.Stacks)
		}

		var after []time.Duration
		for range 300 {
			time.Sleep(time.Second)
			for _, p := range reports() {
				after = append(after, p.For)
				if p.Stacks != "" || p.Count != len(after)+1 {
					t.Errorf("a further report: %+v", p)
				}
			}
		}
		if want := []time.Duration{20 * time.Second, 40 * time.Second, 80 * time.Second, 160 * time.Second}; !slices.Equal(after, want) {
			t.Errorf("further reports after %v; want %v", after, want)
		}

		close(gate) // it goes on, and is stuck again when all is forgotten
		time.Sleep(10 * time.Minute)
		gate = make(chan struct{})
		orders.Async(func(*int) { <-gate })
		time.Sleep(11 * time.Second)
		if all := reports(); len(all) != 1 || all[0].Count != 1 {
			t.Errorf("stuck again: %v; want a first report", all)
		}
		close(gate)
	})
}

func TestWatchReportsWhatHoldsAndWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := flight.New()
		reports := reported(t, r, flight.Watch{Running: 5 * time.Second, Waiting: 20 * time.Second})
		held := observed(r, "held")
		resume := held.Suspend()
		defer resume()
		code := lineBefore()
		time.Sleep(7500 * time.Millisecond) // the looks are between the jobs
		all := reports()
		if len(all) != 1 || all[0].What != flight.Held || all[0].For != 5*time.Second || base(all[0].Job.Code) != base(previous(code)) {
			t.Errorf("held: %+v; want the suspension of %s", all, previous(code))
		}
		// An object that goes on, with jobs of a second.
		queue := observed(r, "queue")
		for range 30 {
			queue.Async(func(*int) { time.Sleep(time.Second) })
		}
		time.Sleep(22 * time.Second)
		all = slices.DeleteFunc(reports(), func(p flight.Report) bool { return p.Job.Name == "held" })
		if len(all) != 1 || all[0].What != flight.Waiting || all[0].For != 20500*time.Millisecond || len(all[0].Why.Ahead) < 20 || len(all[0].Chain) != 2 {
			t.Errorf("waiting: %+v", all)
		}
		time.Sleep(time.Minute)
	})
}

// previous returns the line before a line.
func previous(code string) string {
	i := strings.LastIndex(code, ":")
	var line int
	fmt.Sscan(code[i+1:], &line)
	return fmt.Sprintf("%s:%d", code[:i], line-1)
}

// A Do that is stuck is on the stack of its caller.
func TestWatchFindsTheStackOfADo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := flight.New()
		dir := t.TempDir()
		reports := reported(t, r, flight.Watch{Dir: dir})
		gate := make(chan struct{})
		go stuckDo(observed(r, "orders"), gate)
		time.Sleep(11 * time.Second)
		all := reports()
		if len(all) != 1 || all[0].Err != nil || !strings.Contains(all[0].Stacks, "flight_test.stuckDo") {
			t.Fatalf("reported: %+v", all)
		}
		text, err := os.ReadFile(filepath.Join(all[0].Dump, "stacks.txt"))
		if err != nil || !strings.Contains(string(text), "flight_test.stuckDo") {
			t.Errorf("the dump does not have it: %v\n%s", err, text)
		}
		close(gate)
	})
}

func stuckDo(d *desync.Desync[int], gate chan struct{}) { d.Do(func(*int) { <-gate }) }

func TestWatchIsTold(t *testing.T) {
	r := flight.New()
	watch := func(w flight.Watch) func() {
		return func() { r.Watch(t.Context(), w) }
	}
	wantPanic(t, "flight: Watch: Running is -1s; it must not be negative", watch(flight.Watch{Running: -time.Second}))
	wantPanic(t, "flight: Watch: Waiting is -1ns", watch(flight.Watch{Waiting: -1}))
	wantPanic(t, "flight: Watch: Every is -1ns", watch(flight.Watch{Every: -1}))
	wantPanic(t, "flight: Watch: there is a Trace, but no Dir", watch(flight.Watch{Trace: trace.NewFlightRecorder(trace.FlightRecorderConfig{})}))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r.Watch(ctx, flight.Watch{}) // returns
}

// Zero is never, if the other is not zero too.
func TestWatchOfZero(t *testing.T) {
	for _, w := range []flight.Watch{{Running: time.Second}, {Waiting: time.Second}} {
		synctest.Test(t, func(t *testing.T) {
			r := flight.New()
			reports := reported(t, r, w)
			busy, idle := observed(r, "busy"), observed(r, "idle")
			gate := make(chan struct{})
			defer close(gate)
			busy.Async(func(*int) { <-gate })
			if w.Running == 0 {
				synctest.Wait()
				busy.Async(func(*int) {})
			}
			idle.Do(func(*int) {})
			time.Sleep(time.Hour)
			want := flight.Running
			if w.Running == 0 {
				want = flight.Waiting
			}
			all := reports()
			for _, p := range all {
				if p.What != want {
					t.Errorf("%+v reported %v", w, p)
				}
			}
			if len(all) == 0 {
				t.Errorf("%+v reported nothing", w)
			}
		})
	}
}

// A Report that panics is called again. Two watchdogs do not know of each other.
func TestWatchTwiceWithAReportThatPanics(t *testing.T) {
	var log bytes.Buffer
	defer slog.SetDefault(slog.Default())
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	synctest.Test(t, func(t *testing.T) {
		r := flight.New()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		calls := 0
		go r.Watch(ctx, flight.Watch{Report: func(flight.Report) {
			calls++
			panic("the report is broken")
		}})
		other := reported(t, r, flight.Watch{})
		gate := make(chan struct{})
		defer close(gate)
		observed(r, "orders").Async(func(*int) { <-gate })
		time.Sleep(25 * time.Second)
		synctest.Wait()
		if n := len(other()); calls != 2 || n != 2 {
			t.Errorf("%d and %d reports; want 2 each", calls, n)
		}
	})
	if n := strings.Count(log.String(), "the report is broken"); n < 2 {
		t.Errorf("the panics are not logged:\n%s", &log)
	}
}

// The stuck object is found among many that come and go, and of many that are stuck at once
// there are ten reports at a look.
func TestWatchAmongMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := flight.New()
		reports := reported(t, r, flight.Watch{Running: 3 * time.Second})
		gate := make(chan struct{})
		observed(r, "stuck").Async(func(*int) { <-gate })
		code := lineBefore()
		var all []flight.Report
		for range 10 { // 10,000 objects that are busy for a second, and then 10,000 others
			for range fewerWhenWatched(10_000) {
				observed(r, "busy").Async(func(*int) { time.Sleep(time.Second) })
			}
			time.Sleep(time.Second)
			all = append(all, reports()...)
		}
		if len(all) == 0 || all[0].For > 4*time.Second {
			t.Errorf("the first report: %+v; want one after 3s", all)
		}
		for i, p := range all {
			if p.Job.Name != "stuck" || p.Job.Code != code || p.Count != i+1 || p.More != 0 {
				t.Errorf("reported: %v", p)
			}
		}
		close(gate)

		gate = make(chan struct{})
		for range 100 {
			observed(r, "all").Async(func(*int) { <-gate })
		}
		time.Sleep(3500 * time.Millisecond)
		if all := reports(); len(all) != 10 || all[8].More != 0 || all[9].More != 90 {
			t.Errorf("of 100 objects: %v; want 10 reports", all)
		}
		close(gate)
	})
}

// A million jobs that wait are one report, as long as one of a few.
func TestWatchOfADeepQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := flight.New()
		reports := reported(t, r, flight.Watch{})
		d := observed(r, "deep")
		resume := d.Suspend()
		for range fewerWhenWatched(1_000_000) {
			d.Async(func(*int) {})
		}
		time.Sleep(11 * time.Second)
		if all := reports(); len(all) != 1 || len(all[0].String()) > 500 || len(all[0].Chain) != 1 {
			t.Errorf("%d reports", len(all))
		}
		resume()
	})
}

func TestWatchLeavesForeignClocksAlone(t *testing.T) {
	r := flight.New()
	var told []flight.Report
	ctx, cancel := context.WithCancel(t.Context())
	looked := make(chan struct{})
	o := observed(r, "outside")
	resume := o.Suspend()
	defer resume()
	go func() {
		defer close(looked)
		r.Watch(ctx, flight.Watch{Running: time.Millisecond, Every: time.Millisecond, Report: func(p flight.Report) {
			if told = append(told, p); len(told) == 3 {
				cancel()
			}
		}})
	}()
	synctest.Test(t, func(t *testing.T) {
		resume := observed(r, "inside").Suspend()
		defer resume()
		<-looked
	})
	for _, p := range told {
		if p.Job.Name != "outside" {
			t.Errorf("reported: %v", p)
		}
	}
}
