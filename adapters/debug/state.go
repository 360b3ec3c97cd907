package debug

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/go-desync/go-desync/adapters/flight"
)

// How much the page is told of each. The recorder may know more.
const (
	mostBusy     = 100
	mostNames    = 100
	mostHotNames = 8 // each takes a pass through all jobs
	mostHot      = 5
	mostChains   = 10
	mostRows     = 200
	mostParts    = 10 // of the wait of a job
)

// A state is what the page shows. Durations are in nanoseconds.
type state struct {
	Program string    `json:"program"`
	PID     int       `json:"pid"`
	Taken   time.Time `json:"taken"`

	Recorded uint64 `json:"recorded"`
	Dropped  uint64 `json:"dropped"`
	Objects  int    `json:"objects"` // that are busy
	Queued   int    `json:"queued"`
	Held     int    `json:"held"`
	Running  int    `json:"running"`

	Busy      []busy    `json:"busy"`   // the deepest, and those that have waited or run longest
	Chains    []chain   `json:"chains"` // who waits for whom, the longest waits first
	Hot       []hot     `json:"hot"`
	NameCount int       `json:"nameCount"` // that have jobs
	Names     []name    `json:"names"`     // those with the most jobs
	Tables    []ofTable `json:"tables"`
}

type busy struct {
	Object   string `json:"object"`
	ObjectID uint64 `json:"objectID"`
	Name     string `json:"name"`
	Depth    int    `json:"depth"`
	Holder   *job   `json:"holder,omitempty"`
	Oldest   *job   `json:"oldest,omitempty"`
}

// A job is one with how long it has done what.
type job struct {
	ID       uint64        `json:"id"`
	Object   string        `json:"object"`
	ObjectID uint64        `json:"objectID"`
	Call     string        `json:"call"`
	Code     string        `json:"code,omitempty"`
	State    string        `json:"state"` // queued, held, running or ended
	Waited   time.Duration `json:"waited"`
	Held     time.Duration `json:"held,omitempty"`
	Ran      time.Duration `json:"ran,omitempty"`
	Ago      time.Duration `json:"ago,omitempty"` // since it has ended
	Outcome  string        `json:"outcome"`
	Err      string        `json:"err,omitempty"`
}

type chain struct {
	Ring bool  `json:"ring"` // the last waits for one of the others, and so none goes on
	Jobs []job `json:"jobs"` // each waits for the next
	More int   `json:"more,omitempty"`
}

type hot struct {
	Name    string         `json:"name"`
	Objects int            `json:"objects"` // of the name, that are known
	Top     []flight.Share `json:"top"`
}

type name struct {
	Name     string   `json:"name"`
	Returned uint64   `json:"returned"`
	Unwound  uint64   `json:"unwound"`
	NotRun   uint64   `json:"notRun"`
	Queued   int      `json:"queued"`
	Held     int      `json:"held"`
	Running  int      `json:"running"`
	Wait     []uint64 `json:"wait"` // jobs that took less than 2^i ns and are in none before; without the zeros at the end
	Run      []uint64 `json:"run"`
	Slow     []job    `json:"slow"`
	Failed   []job    `json:"failed"`
	Canceled []job    `json:"canceled"`
}

type ofTable struct {
	Name    string     `json:"name"`
	Columns []string   `json:"columns"`
	Rows    [][]string `json:"rows"`
	More    int        `json:"more,omitempty"`
	Err     string     `json:"err,omitempty"`
}

func stateOf(s *flight.Snapshot, tables []table) *state {
	st := &state{
		Program: filepath.Base(os.Args[0]), PID: os.Getpid(), Taken: s.Taken, Recorded: s.Recorded, Dropped: s.Dropped,
		Busy: []busy{}, Hot: hotOf(s), Tables: []ofTable{},
	}
	st.Names, st.NameCount = namesOf(s)
	for i := range s.Names {
		n := &s.Names[i]
		st.Queued, st.Held, st.Running = st.Queued+n.Queued, st.Held+n.Held, st.Running+n.Running
	}
	objects := s.Busy()
	st.Objects = len(objects)
	longest := longest(s, objects)
	for _, o := range shown(objects, longest) {
		st.Busy = append(st.Busy, busy{cut(o.Object), o.ObjectID, cut(o.Name), o.Depth, maybe(s, o.Holder), maybe(s, o.Oldest)})
	}
	st.Chains = chainsOf(s, longest)
	for _, t := range tables {
		rows, more, err := t.rowsOf()
		st.Tables = append(st.Tables, ofTable{t.name, t.columns, rows, more, err})
	}
	return st
}

// longest returns the objects on which somebody has waited, or a job has run, the longest.
func longest(s *flight.Snapshot, objects []flight.Object) []flight.Object {
	since := func(o flight.Object) time.Duration {
		d := o.Wait
		if o.Holder != nil {
			h := jobOf(s, o.Holder)
			d = max(d, h.Held+h.Ran)
		}
		return d
	}
	times := make(map[uint64]time.Duration, len(objects))
	for _, o := range objects {
		times[o.ObjectID] = since(o)
	}
	sorted := slices.Clone(objects)
	slices.SortStableFunc(sorted, func(a, b flight.Object) int { return cmp.Compare(times[b.ObjectID], times[a.ObjectID]) })
	return sorted
}

// shown returns the objects for the page: the deepest, and, if there are too many, half as many of those
// that wait or run the longest. One that is stuck with a short queue is not to be missed.
func shown(deepest, longest []flight.Object) []flight.Object {
	if len(deepest) <= mostBusy {
		return deepest
	}
	list := slices.Clone(deepest[:mostBusy/2])
	for _, o := range longest {
		if len(list) == mostBusy {
			break
		}
		if !slices.ContainsFunc(list, func(l flight.Object) bool { return l.ObjectID == o.ObjectID }) {
			list = append(list, o)
		}
	}
	return list
}

func maybe(s *flight.Snapshot, j *flight.Job) *job {
	if j == nil {
		return nil
	}
	shown := jobOf(s, j)
	return &shown
}

func jobOf(s *flight.Snapshot, j *flight.Job) job {
	shown := job{
		ID: j.ID, Object: cut(j.Object), ObjectID: j.ObjectID, Call: j.Call.String(), Code: cut(j.Code), State: "queued",
		Outcome: j.Outcome.String(), Err: cut(j.Err),
	}
	end := s.Taken
	if !j.Finished.IsZero() {
		end, shown.State, shown.Ago = j.Finished, "ended", max(0, s.Taken.Sub(j.Finished))
	}
	since := func(t time.Time) (d time.Duration) {
		if !t.IsZero() && t.Before(end) {
			d = end.Sub(t)
			end = t
		}
		return d
	}
	shown.Ran = since(j.Started)
	shown.Held = since(j.Held)
	shown.Waited = since(j.Queued)
	if shown.State == "queued" && !j.Started.IsZero() {
		shown.State = "running"
	} else if shown.State == "queued" && !j.Held.IsZero() {
		shown.State = "held"
	}
	return shown
}

func jobsOf(s *flight.Snapshot, list []flight.Job) []job {
	all := make([]job, len(list))
	for i := range list {
		all[i] = jobOf(s, &list[i])
	}
	return all
}
