package debug

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/go-desync/go-desync/adapters/flight"
	"github.com/go-desync/go-desync/adapters/internal/page"
)

//go:embed page/index.html
var indexPage string

//go:embed page/icon.svg
var icon string

//go:embed page/page.css
var pageStyle string

//go:embed page/rows.js
var rowsScript string

//go:embed page/sections.js
var sectionsScript string

//go:embed page/live.js
var liveScript string

var style = sync.OnceValue(func() string { return page.Colors + pageStyle })

var script = sync.OnceValue(func() string { return page.Format + rowsScript + sectionsScript + liveScript })

func answer(w http.ResponseWriter, contentType, text string) {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(len(text)))
	fmt.Fprint(w, text) // an error means that nobody listens any more
}

func (s *server) state(w http.ResponseWriter, r *http.Request) {
	l := s.look(r.Context(), false)
	if l == nil {
		return // nobody listens any more
	}
	answer(w, "application/json", l.state)
}

// An explanation is why a job waited. Its parts, of which the longest are there, add up to the wait.
type explanation struct {
	Line      string        `json:"line"`
	Job       job           `json:"job"`
	Wait      time.Duration `json:"wait"`
	Ahead     parts         `json:"ahead"` // jobs that ran on the object meanwhile
	Held      parts         `json:"held"`  // what held the object meanwhile, without running
	Processor time.Duration `json:"processor"`
	Forgotten int           `json:"forgotten,omitempty"` // jobs of Ahead that are no longer known
}

type parts struct {
	Jobs int           `json:"jobs"`
	Time time.Duration `json:"time"`
	Most []part        `json:"most"`
}

type part struct {
	Job  job           `json:"job"`
	Time time.Duration `json:"time"`
}

func partsOf(s *flight.Snapshot, list []flight.Part) parts {
	all := parts{Jobs: len(list), Most: []part{}}
	for i := range list {
		all.Time += list[i].Time
		if i < mostParts {
			all.Most = append(all.Most, part{jobOf(s, &list[i].Job), list[i].Time})
		}
	}
	return all
}

func (s *server) why(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseUint(r.URL.Query().Get("job"), 10, 64)
	if err != nil || id == 0 {
		fail(w, http.StatusBadRequest, "Which job? Ask for why?job=7, with the ID of one.")
		return
	}
	l := s.look(r.Context(), true)
	if l == nil {
		return
	}
	for _, snapshot := range []*flight.Snapshot{l.snapshot, l.before} {
		if snapshot == nil {
			continue
		}
		if why := snapshot.Why(id); why.Job.ID == id {
			body, err := json.Marshal(explanation{
				why.String(), jobOf(snapshot, &why.Job), why.Wait, partsOf(snapshot, why.Ahead), partsOf(snapshot, why.Held), why.Processor, why.Forgotten,
			})
			if err != nil {
				panic(err) // numbers and texts only
			}
			answer(w, "application/json", string(body))
			return
		}
	}
	fail(w, http.StatusNotFound, fmt.Sprintf("Job %d is not known: either later jobs have taken its place in the recorder, or there was none.", id))
}

func (s *server) timeline(w http.ResponseWriter) {
	s.dump(w, func(snapshot *flight.Snapshot, b *bytes.Buffer) error {
		// The page has a policy of its own, and a browser keeps to both.
		w.Header().Set("Content-Security-Policy", page.Timeline().Policy+"; frame-ancestors 'none'")
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		return snapshot.WriteHTML(b)
	})
}

func (s *server) trace(w http.ResponseWriter) {
	s.dump(w, func(snapshot *flight.Snapshot, b *bytes.Buffer) error {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Disposition", `attachment; filename="trace.json"`)
		return snapshot.WriteChrome(b)
	})
}

// sendingTime is how long a reader may take for a dump.
const sendingTime = time.Minute

// dump answers with what write makes of a new Snapshot, for one request at a time. So there
// is never more than one dump in memory, and a reader that does not read is cut off.
func (s *server) dump(w http.ResponseWriter, write func(*flight.Snapshot, *bytes.Buffer) error) {
	if !s.dumping.CompareAndSwap(false, true) {
		w.Header().Set("Retry-After", "1")
		fail(w, http.StatusTooManyRequests, "Another dump is being made or read. Ask again in a moment.")
		return
	}
	defer s.dumping.Store(false)
	var b bytes.Buffer
	if err := write(s.recorder.Snapshot(), &b); err != nil {
		fail(w, http.StatusInternalServerError, err.Error())
		return
	}
	// Where the connection has no deadlines, the server's own limits must do.
	c := http.NewResponseController(w)
	_ = c.SetWriteDeadline(time.Now().Add(sendingTime))
	defer func() { _ = c.SetWriteDeadline(time.Time{}) }()
	w.Header().Set("Content-Length", strconv.Itoa(b.Len()))
	w.Write(b.Bytes())
}
