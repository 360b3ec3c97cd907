package flight

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"slices"
	"time"

	"github.com/go-desync/go-desync/desync"
)

// WriteChrome writes the jobs in the JSON trace format of Chrome, which ui.perfetto.dev and
// chrome://tracing show.
//
// A name is a process there, and an object a thread. The runs of its jobs are slices, and so
// is the time in which the object was held for a job that could not start yet. Waits are
// asynchronous slices, one for each job. A counter shows how many jobs of the object wait.
// An arrow leads from a job to those whose calls were made with its context. Jobs that were
// unwound or have not run are marked. The times count from the first call.
//
// It returns the first error of w.
func (s *Snapshot) WriteChrome(w io.Writer) error {
	c := &chrome{scene: newScene(s), w: bufio.NewWriter(w), place: make(map[uint64]place)}
	fmt.Fprint(c.w, `{"traceEvents":[`)
	c.threads()
	for _, l := range c.lanes {
		c.slices(l)
		c.waits(l)
		c.depth(l)
	}
	c.flows() // after the slices in which their ends are
	fmt.Fprintf(c.w, "\n],\n\"displayTimeUnit\":\"ns\",\n\"otherData\":{\"begin\":%q,\"taken\":%q,\"recorded\":\"%d\",\"dropped\":\"%d\",\"otherClock\":\"%d\"}}\n",
		c.begin.Format(time.RFC3339Nano), s.Taken.Format(time.RFC3339Nano), s.Recorded, s.Dropped, c.others)
	return c.w.Flush()
}

type chrome struct {
	*scene

	w       *bufio.Writer // which keeps its first error
	written bool          // an event
	place   map[uint64]place
}

// A place is where an object stands. Both numbers fit into 32 bits, as they must; an
// ObjectID need not. No two threads have the same number, and none has that of a process,
// which would make it the main thread of it.
type place struct {
	Pid int `json:"pid"`
	Tid int `json:"tid"`
}

type event struct {
	Phase string `json:"ph"`
	place
	Time     micros  `json:"ts"`
	Duration *micros `json:"dur,omitempty"`
	Category string  `json:"cat,omitempty"`
	Name     string  `json:"name"`
	ID       string  `json:"id,omitempty"` // of a wait or an arrow that of its job, of a counter that of its object
	Binding  string  `json:"bp,omitempty"` // of the end of an arrow: "e" means to the slice around it
	Scope    string  `json:"s,omitempty"`  // of a mark: "t" is that of a thread
	Args     any     `json:"args,omitempty"`
}

// details are the arguments of a slice.
type details struct {
	Job     uint64 `json:"job"`
	Object  uint64 `json:"objectID"`
	Call    string `json:"call"`
	Code    string `json:"code,omitempty"`
	Outcome string `json:"outcome"`
	Err     string `json:"err,omitempty"`
	Ahead   int    `json:"ahead"`
	Waited  micros `json:"waited_us"`
	Within  uint64 `json:"within,omitempty"`
	Set     uint64 `json:"set,omitempty"`
}

// micros is a time in nanoseconds, written as microseconds.
type micros int64

func (m micros) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, "%d.%03d", m/1000, m%1000), nil
}

func (c *chrome) write(e event) {
	text, err := json.Marshal(e)
	if err != nil {
		panic(err) // numbers and strings only
	}
	if c.written {
		c.w.WriteByte(',')
	}
	c.written = true
	c.w.WriteByte('\n')
	c.w.Write(text)
}

func (c *chrome) threads() {
	type args struct {
		Name string `json:"name"`
	}
	names := make(map[string]int)
	for _, l := range c.lanes {
		if _, ok := names[l.name]; !ok {
			names[l.name] = len(names) + 1
		}
	}
	for i, l := range c.lanes {
		p := place{Pid: names[l.name], Tid: len(names) + 1 + i}
		if i == 0 || c.lanes[i-1].name != l.name {
			c.write(event{Phase: "M", place: p, Name: "process_name", Args: args{cmp.Or(short(l.name), "without a name")}})
		}
		c.write(event{Phase: "M", place: p, Name: "thread_name", Args: args{cmp.Or(l.label, fmt.Sprintf("#%d", l.id))}})
		c.place[l.id] = p
	}
}

// slices writes what was done in turn, and how it ended.
func (c *chrome) slices(l lane) {
	at := c.place[l.id]
	inTurn := make([]int, 0, len(l.jobs))
	for _, i := range l.jobs {
		if j := c.course(&c.Jobs[i]); j.turn < j.end || !c.Jobs[i].Started.IsZero() {
			inTurn = append(inTurn, i)
		}
	}
	slices.SortStableFunc(inTurn, func(a, b int) int {
		return cmp.Compare(c.course(&c.Jobs[a]).turn, c.course(&c.Jobs[b]).turn)
	})
	for n, i := range inTurn {
		j := &c.Jobs[i]
		t := c.course(j)
		text := details{
			Job: j.ID, Object: j.ObjectID, Call: j.Call.String(), Code: short(j.Code), Outcome: outcome(j), Err: short(j.Err),
			Ahead: j.Ahead, Waited: micros(t.turn - t.queued), Within: j.Within, Set: j.Set,
		}
		// The object has gone on before the end of a hold is noted. Slices must not overlap.
		heldUntil := t.run
		if n+1 < len(inTurn) {
			heldUntil = min(heldUntil, c.course(&c.Jobs[inTurn[n+1]]).turn)
		}
		if held := micros(heldUntil - t.turn); held > 0 {
			c.write(event{Phase: "X", place: at, Time: micros(t.turn), Duration: &held, Category: "held", Name: "held for " + j.Call.String(), Args: text})
		}
		if !j.Started.IsZero() {
			ran := micros(t.end - t.run)
			c.write(event{Phase: "X", place: at, Time: micros(t.run), Duration: &ran, Category: "run", Name: title(j), Args: text})
		}
	}
	for _, i := range l.jobs {
		if j := &c.Jobs[i]; j.Outcome == desync.OutcomeUnwound || j.Outcome == desync.OutcomeNotRun {
			c.write(event{Phase: "i", place: at, Time: micros(c.course(j).end), Category: "outcome", Name: j.Outcome.String(), Scope: "t", Args: struct {
				Job uint64 `json:"job"`
				Err string `json:"err,omitempty"`
			}{j.ID, short(j.Err)}})
		}
	}
}

// outcome says how a job has ended. That it has may be known before how.
func outcome(j *Job) string {
	if j.Outcome == desync.OutcomeUnfinished && !j.Finished.IsZero() {
		return "ended"
	}
	return j.Outcome.String()
}

// title returns how a slice is called: by the code of the job, if that is known.
func title(j *Job) string {
	if j.Code == "" {
		return j.Call.String()
	}
	return short(path.Base(j.Code))
}

func (c *chrome) waits(l lane) {
	for _, i := range l.jobs {
		j := &c.Jobs[i]
		t := c.course(j)
		if t.queued == t.turn {
			continue
		}
		e := event{Phase: "b", place: c.place[l.id], Time: micros(t.queued), Category: "wait", Name: "wait " + title(j), ID: fmt.Sprintf("%#x", j.ID)}
		c.write(e)
		e.Phase, e.Time = "e", micros(t.turn)
		c.write(e)
	}
}

// depth writes how many jobs that are known wait.
func (c *chrome) depth(l lane) {
	steps := make(map[int64]int)
	for _, i := range l.jobs {
		if t := c.course(&c.Jobs[i]); t.queued < t.turn {
			steps[t.queued]++
			steps[t.turn]--
		}
	}
	times := make([]int64, 0, len(steps))
	for t := range steps {
		times = append(times, t)
	}
	slices.Sort(times)
	waiting := 0
	for _, t := range times {
		waiting += steps[t]
		c.write(event{Phase: "C", place: c.place[l.id], Time: micros(t), Name: "waiting for " + l.label, ID: fmt.Sprint(l.id), Args: struct {
			Jobs int `json:"jobs"`
		}{waiting}})
	}
}

func (c *chrome) flows() {
	for i := range c.Jobs {
		j := &c.Jobs[i]
		from, ok := c.byID[j.Within]
		if self, shown := c.byID[j.ID]; !ok || !shown || self != i || j.Started.IsZero() || c.Jobs[from].Started.IsZero() {
			continue
		}
		outer, inner := c.course(&c.Jobs[from]), c.course(j)
		// A context may be used after the job that it belongs to, but an arrow begins in a slice.
		left := min(max(inner.queued, outer.run), max(outer.end-1, outer.run))
		if inner.run < left {
			continue
		}
		e := event{Phase: "s", place: c.place[c.Jobs[from].ObjectID], Time: micros(left), Category: "within", Name: "within", ID: fmt.Sprintf("%#x", j.ID)}
		c.write(e)
		e.Phase, e.place, e.Time, e.Binding = "f", c.place[j.ObjectID], micros(inner.run), "e"
		c.write(e)
	}
}
