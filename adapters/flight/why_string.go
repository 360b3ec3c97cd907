package flight

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/go-desync/go-desync/desync"
)

// String returns one line, such as
//
//	job 201 of orders#12 waited 10.66 ms: 3.67 behind 9 jobs (most: 190, orders.go:88, 2.92), 6.99 for a processor
func (w Why) String() string {
	if w.Job.ID == 0 {
		return "no such job"
	}
	in := unitOf(w.Wait)
	var b strings.Builder
	waited := "waited"
	if w.Job.waiting() || w.Job.held() && w.Job.Call != desync.CallSuspend {
		waited = "has waited"
	}
	fmt.Fprintf(&b, "job %d of %s %s %s %s", w.Job.ID, w.Job.Object, waited, in.format(w.Wait), in.name)
	var parts []string
	if n := len(w.Ahead); n > 0 {
		parts = append(parts, fmt.Sprintf("%s behind %s (%s)", in.format(sum(w.Ahead)), jobs(n), in.most(w.Ahead)))
	}
	others := slices.Clone(w.Held)
	others = slices.DeleteFunc(others, func(p Part) bool { return p.Job.ID == w.Job.ID })
	if n := len(others); n > 0 {
		parts = append(parts, fmt.Sprintf("%s held by %s that did not run (%s)", in.format(sum(others)), jobs(n), in.most(others)))
	}
	if d := sum(w.Held) - sum(others); d > 0 {
		parts = append(parts, in.format(d)+" for its future")
	}
	if w.Processor > 0 {
		rest := "for a processor"
		if w.Forgotten > 0 {
			rest = fmt.Sprintf("for a processor or behind %s that are no longer known", jobs(w.Forgotten))
		}
		parts = append(parts, in.format(w.Processor)+" "+rest)
	}
	if len(parts) > 0 {
		b.WriteString(": " + strings.Join(parts, ", "))
	}
	return b.String()
}

func jobs(n int) string {
	if n == 1 {
		return "1 job"
	}
	return fmt.Sprintf("%d jobs", n)
}

func sum(parts []Part) (d time.Duration) {
	for _, p := range parts {
		d += p.Time
	}
	return d
}

// A unit is one in which all durations of a line are given.
type unit struct {
	name string
	size time.Duration
}

func unitOf(d time.Duration) unit {
	for _, u := range []unit{{"s", time.Second}, {"ms", time.Millisecond}, {"µs", time.Microsecond}} {
		if d >= u.size {
			return u
		}
	}
	return unit{"ns", 1}
}

func (u unit) format(d time.Duration) string {
	if u.size == 1 {
		return fmt.Sprint(int64(d))
	}
	return fmt.Sprintf("%.2f", float64(d)/float64(u.size))
}

// most describes the longest of parts, which are sorted.
func (u unit) most(parts []Part) string {
	p := parts[0]
	text := fmt.Sprintf("%d", p.Job.ID)
	if p.Job.Code != "" {
		text += ", " + path.Base(p.Job.Code)
	}
	if len(parts) > 1 {
		return fmt.Sprintf("most: %s, %s", text, u.format(p.Time))
	}
	return text
}
