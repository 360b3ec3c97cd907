package flight

import (
	"cmp"
	"slices"
	"time"

	"github.com/go-desync/go-desync/desync"
)

// A Why says what a job has waited for. Its parts add up to the wait.
type Why struct {
	Job  Job           `json:"job"`
	Wait time.Duration `json:"wait"` // from the call until the job's turn, its end, or now

	Ahead []Part `json:"ahead"` // jobs that ran on its object meanwhile, the longest first
	Held  []Part `json:"held"`  // what held its object meanwhile without running, the longest first; an After itself, while it waited for its future

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
