package flight

import (
	"context"
	"fmt"
	"log/slog"
	"path"
	"strings"
	"time"
)

// What a report is about.
const (
	Running = "running" // a job has run for too long
	Held    = "held"    // an object is held for too long by a job that does not run
	Waiting = "waiting" // a job has waited for too long, of an object that goes on
	Stopped = "stopped" // the whole process has not gone on; the report has no job
)

// A Report is what [Recorder.Watch] has found out about one object.
type Report struct {
	What  string        // Running, Held, Waiting or Stopped
	For   time.Duration // how long
	Count int           // which report of this object it is since it went on, from 1

	Job    Job    // that runs, holds or waits
	Object Object // as in Busy
	Why    Why    // of Job
	Chain  []Job  // of Job

	More   int    // objects beyond those reported at this look
	Stacks string // of goroutines that may be concerned, if Count is 1; cut after 64 KB, and none soon after others
	Dump   string // the folder of the dump, if there is one
	Err    error  // why the dump is not complete, if it is not
}

// String returns one line.
func (r Report) String() string {
	length := r.For.Round(time.Millisecond)
	if r.What == Stopped {
		return fmt.Sprintf("the process was stopped for %v", length)
	}
	var b strings.Builder
	code := ""
	if r.Job.Code != "" {
		code = ", " + path.Base(r.Job.Code)
	}
	did := map[string]string{Running: "has run", Held: "holds it and has not run", Waiting: "has waited"}[r.What]
	fmt.Fprintf(&b, "%s: job %d (%v%s) %s for %v", r.Job.Object, r.Job.ID, r.Job.Call, code, did, length)
	if r.What == Waiting {
		fmt.Fprintf(&b, ", with %s in flight", jobs(r.Object.Depth))
	} else if n := r.Object.Depth - 1; n > 0 {
		fmt.Fprintf(&b, ", before %s", jobs(n))
	}
	if len(r.Chain) > 1 {
		b.WriteString("; it waits for")
		for i, j := range r.Chain[1:] {
			if i > 0 {
				b.WriteString(", which waits for")
			}
			fmt.Fprintf(&b, " job %d of %s", j.ID, j.Object)
		}
	}
	if r.More > 0 {
		fmt.Fprintf(&b, "; %d more objects are over the limit", r.More)
	}
	return b.String()
}

// LogReport returns a function for [Watch] that logs each report with the level warn. The
// stacks are logged only if there is no dump, which has them too.
//
// LogReport panics if l is nil.
func LogReport(l *slog.Logger) func(Report) {
	if l == nil {
		panic("flight: LogReport: the logger is nil")
	}
	return func(r Report) {
		attrs := []slog.Attr{slog.String("what", r.What), slog.Duration("for", r.For)}
		if r.What != Stopped {
			attrs = append(attrs,
				slog.String("object", r.Job.Object), slog.Uint64("job", r.Job.ID), slog.String("call", r.Job.Call.String()),
				slog.String("code", r.Job.Code), slog.Int("depth", r.Object.Depth), slog.Int("count", r.Count),
			)
		}
		if r.More > 0 {
			attrs = append(attrs, slog.Int("more", r.More))
		}
		switch {
		case r.Dump != "":
			attrs = append(attrs, slog.String("dump", r.Dump))
		case r.Stacks != "":
			attrs = append(attrs, slog.String("stacks", r.Stacks))
		}
		if r.Err != nil {
			attrs = append(attrs, slog.Any("error", r.Err))
		}
		l.LogAttrs(context.Background(), slog.LevelWarn, "desync: "+r.String(), attrs...)
	}
}
