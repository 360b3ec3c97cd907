package flight

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/go-desync/go-desync/desync"
)

// A Why says what a job has waited for. Its parts add up to the wait.
type Why struct {
	Job  Job           `json:"job"`
	Wait time.Duration `json:"wait"` // from the call until the job's turn, its end, or now

	Ahead []Part `json:"ahead"` // jobs that ran on its object meanwhile, the longest first
	Held  []Part `json:"held"`  // what held its object meanwhile without running, the longest first

	// Processor is the rest, in which nobody had the object: there was no processor for the
	// next job.
	Processor time.Duration `json:"processor"`

	// Forgotten is how many jobs that were ahead are not in the snapshot any more. If it is
	// not 0, a part of Processor may be theirs.
	Forgotten int `json:"forgotten,omitempty"`
}

// A Part is the part of a job in the wait of another.
type Part struct {
	Job  Job           `json:"job"`
	Time time.Duration `json:"time"`
}

// Why splits the wait of a job. If the job has not got its turn, the wait is that until now.
// For a job of several objects, it is the wait for this object and then for the others, with
// the jobs on them.
//
// Why returns the zero Why if the job is not in the snapshot.
func (s *Snapshot) Why(id uint64) Why {
	j := s.job(id)
	if j == nil {
		return Why{}
	}
	w := Why{Job: *j}
	from, to := j.Queued, s.turn(j)
	w.Wait = max(to.Sub(from), 0)
	got := to // when it got its object
	if !j.Held.IsZero() && j.Held.Before(to) {
		got = j.Held
	}
	t := tally{s: s, w: &w}
	t.split(j, from, got, func(k *Job) bool { return k.ObjectID == j.ObjectID && k.ID != j.ID })
	if j.Set == 0 {
		t.split(j, got, to, func(k *Job) bool { return k.ID == j.ID })
	} else {
		others := map[uint64]bool{}
		for i := range s.Jobs {
			if k := &s.Jobs[i]; k.Set == j.Set && k.ID != j.ID {
				others[k.ObjectID] = true
			}
		}
		t.split(j, got, to, func(k *Job) bool { return others[k.ObjectID] && k.Set != j.Set })
	}
	longest := func(a, b Part) int { return cmp.Or(cmp.Compare(b.Time, a.Time), cmp.Compare(a.Job.ID, b.Job.ID)) }
	slices.SortFunc(w.Ahead, longest)
	slices.SortFunc(w.Held, longest)
	w.Processor = w.Wait
	for _, p := range slices.Concat(w.Ahead, w.Held) {
		w.Processor -= p.Time
	}
	before := 0
	for i := range s.Jobs {
		if k := &s.Jobs[i]; k.ObjectID == j.ObjectID && k.ID < j.ID && (k.inFlight() || k.Finished.After(j.Queued)) {
			before++
		}
	}
	w.Forgotten = max(j.Ahead-before, 0)
	return w
}

// turn returns when a job no longer waited.
func (s *Snapshot) turn(j *Job) time.Time {
	switch {
	case !j.Started.IsZero():
		return j.Started
	case j.Call == desync.CallSuspend && !j.Held.IsZero():
		return j.Held
	case !j.Finished.IsZero():
		return j.Finished
	}
	return j.Queued.Add(s.since(j.Queued))
}

// A tally gives the moments of a wait to the jobs that had the object.
type tally struct {
	s *Snapshot
	w *Why
}

type span struct {
	job      *Job
	from, to time.Time
	held     bool
}

// split gives the time between from and to to the jobs for which is returns true. None of it
// is given twice, even though the end of a job may be noted after the start of the next.
func (t *tally) split(j *Job, from, to time.Time, is func(*Job) bool) {
	if !from.Before(to) {
		return
	}
	var spans []span
	add := func(k *Job, a, b time.Time, held bool) {
		if b.IsZero() {
			b = to
		}
		if !a.IsZero() && a.Before(to) && b.After(from) {
			spans = append(spans, span{k, a, b, held})
		}
	}
	for i := range t.s.Jobs {
		k := &t.s.Jobs[i]
		if !is(k) {
			continue
		}
		end := k.Started
		if end.IsZero() {
			end = k.Finished
		}
		add(k, k.Held, end, true)
		add(k, k.Started, k.Finished, false)
	}
	slices.SortStableFunc(spans, func(a, b span) int { return a.from.Compare(b.from) })
	for _, p := range spans {
		a, b := p.from, p.to
		if a.Before(from) {
			a = from
		}
		if b.After(to) {
			b = to
		}
		if d := b.Sub(a); d > 0 {
			part := Part{*p.job, d}
			if p.held {
				t.w.Held = append(t.w.Held, part)
			} else {
				t.w.Ahead = append(t.w.Ahead, part)
			}
			from = b
		}
	}
}

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
	if n := len(w.Held); n > 0 {
		parts = append(parts, fmt.Sprintf("%s held by %s that did not run (%s)", in.format(sum(w.Held)), jobs(n), in.most(w.Held)))
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
