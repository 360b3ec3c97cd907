package flight

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"math"
	"runtime/debug"
	"runtime/trace"
	"time"
)

// A Watch says what [Recorder.Watch] reports.
type Watch struct {
	// Running is how long a job may run, or an object be held by one that does not run, such
	// as a suspension. Waiting is how long a job may wait for its turn. Zero is forever. If
	// both are zero, both are 10 seconds.
	Running, Waiting time.Duration

	// Every is the time between two looks. Zero is one second.
	Every time.Duration

	// Report is called on the goroutine that called Watch, which goes on when it returns. If
	// it panics, that is logged with [slog.Default], and Watch goes on. Nil is
	// LogReport(slog.Default()).
	Report func(Report)

	// Dir is a directory for dumps, which must exist. For a new report, a folder is made there
	// with the files timeline.html, trace.json and stacks.txt. There is at most one dump a
	// minute. The last 10 are kept. Without Dir there are no dumps.
	Dir string

	// Trace is your flight recorder, if you have one. If it is enabled, the dump has what it
	// knows as runtime.trace. Watch never starts one.
	Trace *trace.FlightRecorder
}

const defaultLimit = 10 * time.Second

// Watch looks for jobs that run or wait for too long, and reports them until ctx ends. Call
// it on a goroutine of its own:
//
//	go recorder.Watch(ctx, flight.Watch{Dir: "/var/tmp/dumps"})
//
// There is one report for an object, about the job that holds it for too long, or else about
// the one that waits longest. If the object stays so, there are further reports, after pauses
// that double. At one look there are at most ten reports, those of the longest first; the last
// says how many objects more are over the limit. A look takes a millisecond, and no lock of an
// object. With a new report come the stacks of goroutines, which take longer when there are
// many goroutines. So Watch gives a tenth of its time to stacks at most.
//
// Time in which the process was stopped, with its machine for instance, does not count. If it
// is as long as one of the limits, that is a report of its own. To notice it, Watch starts a
// goroutine, which has ended when Watch returns.
//
// Jobs in a bubble of testing/synctest, whose clock is another one, are watched by a Watch in
// the bubble.
//
// Watch panics if a duration is negative, or if there is a Trace but no Dir.
func (r *Recorder) Watch(ctx context.Context, w Watch) {
	w.check()
	g := &watchdog{r: r, w: w, episodes: map[uint64]*episode{}}
	pulse, end := startPulse(w.Every)
	defer end()
	for ctx.Err() == nil {
		timer := time.NewTimer(w.Every)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		now := time.Now()
		for _, report := range g.look(now, pulse.take(now)...) {
			w.report(report)
		}
	}
}

// check fills in what is left out.
func (w *Watch) check() {
	for _, d := range []struct {
		name string
		time time.Duration
	}{{"Running", w.Running}, {"Waiting", w.Waiting}, {"Every", w.Every}} {
		if d.time < 0 {
			panic(fmt.Sprintf("flight: Watch: %s is %v; it must not be negative", d.name, d.time))
		}
	}
	if w.Trace != nil && w.Dir == "" {
		panic("flight: Watch: there is a Trace, but no Dir to which it could be written")
	}
	if w.Running == 0 && w.Waiting == 0 {
		w.Running, w.Waiting = defaultLimit, defaultLimit
	}
	const forever = math.MaxInt64
	w.Running, w.Waiting = cmp.Or(w.Running, forever), cmp.Or(w.Waiting, forever)
	w.Every = cmp.Or(w.Every, time.Second)
}

func (w *Watch) report(r Report) {
	defer func() {
		if v := recover(); v != nil {
			slog.Error("desync: the Report of a Watch has panicked", "panic", fmt.Sprint(v), "report", r.String(), "stack", string(debug.Stack()))
		}
	}()
	if w.Report != nil {
		w.Report(r)
		return
	}
	LogReport(slog.Default())(r)
}
