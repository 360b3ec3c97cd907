package flight

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// A scene is a Snapshot as a timeline: objects with their jobs, and times in nanoseconds
// since the first of them.
type scene struct {
	*Snapshot

	begin  time.Time
	lanes  []lane         // all of a name together, busiest first
	byID   map[uint64]int // jobs, by ID, as indexes of Jobs
	others int            // jobs left out, since their times are those of another clock
}

// A lane is an object.
type lane struct {
	id    uint64
	name  string
	label string
	jobs  []int // indexes of Jobs, by the time of the call
	busy  time.Duration
}

// A course says what a job did when: it waited from queued to turn, held its object from
// turn to run, and ran from run to end. A job that has not come so far does so until the
// Snapshot was taken.
type course struct{ queued, turn, run, end int64 }

func newScene(s *Snapshot) *scene {
	sc := &scene{Snapshot: s, begin: s.Taken, byID: make(map[uint64]int, len(s.Jobs))}
	laneOf := make(map[uint64]int)
	for i := range s.Jobs {
		j := &s.Jobs[i]
		if foreign(s.Taken.Sub(j.Queued)) {
			sc.others++
			continue
		}
		if _, again := sc.byID[j.ID]; again {
			continue
		}
		if j.Queued.Before(sc.begin) {
			sc.begin = j.Queued
		}
		sc.byID[j.ID] = i
		l, ok := laneOf[j.ObjectID]
		if !ok {
			l = len(sc.lanes)
			laneOf[j.ObjectID] = l
			sc.lanes = append(sc.lanes, lane{id: j.ObjectID, name: j.Name, label: short(cmp.Or(j.Object, j.Name))})
		}
		sc.lanes[l].jobs = append(sc.lanes[l].jobs, i)
	}

	ofName := make(map[string]time.Duration)
	for i := range sc.lanes {
		l := &sc.lanes[i]
		slices.SortStableFunc(l.jobs, func(a, b int) int { return s.Jobs[a].Queued.Compare(s.Jobs[b].Queued) })
		for _, job := range l.jobs {
			c := sc.course(&s.Jobs[job])
			l.busy += time.Duration(c.end - c.turn)
		}
		ofName[l.name] += l.busy
	}
	slices.SortFunc(sc.lanes, func(a, b lane) int {
		return cmp.Or(cmp.Compare(ofName[b.name], ofName[a.name]), cmp.Compare(a.name, b.name),
			cmp.Compare(b.busy, a.busy), cmp.Compare(a.id, b.id))
	})
	return sc
}

func (sc *scene) course(j *Job) course {
	at := func(t time.Time, otherwise int64) int64 {
		if t.IsZero() {
			return otherwise
		}
		return int64(t.Sub(sc.begin))
	}
	// Each is at least the one before, even if a caller has put a Job together wrongly.
	var c course
	c.queued = at(j.Queued, 0)
	c.end = max(c.queued, at(j.Finished, int64(sc.Taken.Sub(sc.begin))))
	c.run = min(max(c.queued, at(j.Started, c.end)), c.end)
	c.turn = min(max(c.queued, at(j.Held, c.run)), c.run)
	return c
}

// short cuts a long text, between two characters. What is not valid in it, JSON replaces.
func short(s string) string {
	const most = 300
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
