package flight

import (
	"cmp"
	"slices"
	"time"
)

// A watchdog is what a Watch knows. One goroutine has it.
type watchdog struct {
	r        *Recorder
	w        Watch
	episodes map[uint64]*episode // by object
	stops    []stop              // the last few
	dump     dumper
	stacks   time.Time // when they may be taken again
}

// An episode is the time in which an object is over a limit, until it has not been so for a
// pause.
type episode struct {
	reports int
	pause   time.Duration // after the last report
	next    time.Time     // when the next report may come
	seen    time.Time     // when it was last over the limit
}

// A suspect is a job that is over a limit.
type suspect struct {
	id, objectID uint64
	what         string
	over, limit  time.Duration
}

const (
	maxReports = 10 // of one look
	maxPauses  = 32 // the longest pause, in limits
	maxStops   = 16
)

// look returns what is to be reported. stops are those since the last look.
func (g *watchdog) look(now time.Time, stops ...stop) (reports []Report) {
	for _, s := range stops {
		if len(g.stops) == maxStops {
			g.stops = slices.Delete(g.stops, 0, 1)
		}
		g.stops = append(g.stops, s)
		if late := s.length - g.w.Every; late >= min(g.w.Running, g.w.Waiting) {
			reports = append(reports, Report{What: Stopped, For: late, Count: 1})
		}
	}
	due := g.due(now, g.worst(now))
	more := max(len(due)-maxReports, 0)
	due = due[:len(due)-more]
	if len(due) == 0 {
		return reports
	}

	s := g.r.Snapshot()
	busy := map[uint64]Object{}
	for _, o := range s.Busy() {
		busy[o.ObjectID] = o
	}
	first := len(reports)
	fresh := false
	for _, p := range due {
		j := s.job(p.id)
		if j == nil || !j.inFlight() {
			continue // just now
		}
		e := g.episodes[p.objectID]
		e.reports++
		fresh = fresh || e.reports == 1
		e.pause = min(max(2*e.pause, p.limit), maxPauses*p.limit)
		e.next = now.Add(e.pause)
		reports = append(reports, Report{
			What: p.what, For: p.over, Job: *j, Object: busy[p.objectID], Count: e.reports,
			Why: s.Why(j.ID), Chain: s.Chain(j.ID),
		})
	}
	if len(reports) == first {
		return reports
	}
	reports[len(reports)-1].More = more
	if fresh {
		g.evidence(s, now, reports[first:])
	}
	return reports
}

// worst returns the job of each object that is over a limit: that which holds the object, or
// else the one that waits longest. The longest of all come first.
func (g *watchdog) worst(now time.Time) (all []suspect) {
	at := g.r.offset(now)
	for i := range g.r.stripes {
		st := &g.r.stripes[i]
		st.mu.Lock()
		st.each(func(p *slot) {
			if !p.inFlight() {
				return
			}
			what, since, limit := Running, p.started, g.w.Running
			if since == 0 {
				what, since = Held, p.held
			}
			if since == 0 {
				what, since, limit = Waiting, p.queued, g.w.Waiting
			}
			over := time.Duration(at - since)
			if over < limit || foreign(over) {
				return
			}
			if over -= g.stopped(now.Add(-over)); over >= limit {
				all = append(all, suspect{p.id, p.objectID, what, over, limit})
			}
		})
		st.mu.Unlock()
	}
	slices.SortFunc(all, func(a, b suspect) int {
		return cmp.Or(cmp.Compare(a.objectID, b.objectID), a.waits()-b.waits(), cmp.Compare(b.over, a.over), cmp.Compare(a.id, b.id))
	})
	all = slices.CompactFunc(all, func(a, b suspect) bool { return a.objectID == b.objectID })
	slices.SortFunc(all, func(a, b suspect) int {
		return cmp.Or(cmp.Compare(b.over, a.over), cmp.Compare(a.id, b.id))
	})
	return all
}

// waits is 0 for a job that has its object, so that it comes first.
func (s suspect) waits() int {
	if s.what == Waiting {
		return 1
	}
	return 0
}

// stopped returns for how long the process was stopped after a time.
func (g *watchdog) stopped(since time.Time) (d time.Duration) {
	for _, s := range g.stops {
		if s.end.After(since) {
			d += min(s.length, s.end.Sub(since))
		}
	}
	return d
}

// due returns those whose report may come now, and ends the episodes that are over.
func (g *watchdog) due(now time.Time, all []suspect) (due []suspect) {
	for _, s := range all {
		e := g.episodes[s.objectID]
		if e == nil {
			e = &episode{next: now}
			g.episodes[s.objectID] = e
		}
		e.seen = now
		if !now.Before(e.next) {
			due = append(due, s)
		}
	}
	for id, e := range g.episodes {
		if e.seen != now && now.Sub(e.seen) >= e.pause {
			delete(g.episodes, id)
		}
	}
	return due
}

// evidence adds stacks and a dump to reports, of which one at least is new.
func (g *watchdog) evidence(s *Snapshot, now time.Time, reports []Report) {
	var profile []byte
	if !now.Before(g.stacks) {
		profile = stacks()
		end := time.Now()
		g.stacks = end.Add(9 * end.Sub(now))
	}
	var path string
	var err error
	if g.w.Dir != "" {
		path, err = g.dump.dump(g.w.Dir, s, profile, g.w.Trace, now)
	}
	for i := range reports {
		r := &reports[i]
		r.Dump, r.Err = path, err
		if r.Count == 1 {
			r.Stacks = relevant(profile, r.Job.Name)
		}
	}
}
