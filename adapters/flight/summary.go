package flight

import (
	"encoding/json"
	"strings"
	"time"
)

// A summary is what String shows.
type summary struct {
	Recorded uint64                 `json:"recorded"`
	Dropped  uint64                 `json:"dropped"`
	Queued   int                    `json:"queued"`
	Held     int                    `json:"held"`
	Running  int                    `json:"running"`
	Names    map[string]nameSummary `json:"names"`
}

type nameSummary struct {
	Returned uint64  `json:"returned"`
	Unwound  uint64  `json:"unwound"`
	NotRun   uint64  `json:"notRun"`
	Queued   int     `json:"queued"`
	Held     int     `json:"held"`
	Running  int     `json:"running"`
	WaitP50  float64 `json:"waitP50"`
	WaitP99  float64 `json:"waitP99"`
	RunP50   float64 `json:"runP50"`
	RunP99   float64 `json:"runP99"`
}

// String returns a summary as JSON: how many jobs there were, how many are in flight, and
// for each name how they have ended and quantiles of wait and run in seconds. It shows no
// keys. So a Recorder is an expvar.Var: expvar.Publish("desync", recorder).
func (r *Recorder) String() string {
	var s summary
	var own [ownNames]Name
	var counts [maxNames + 1]nameSummary
	for i := range r.stripes {
		st := &r.stripes[i]
		st.mu.Lock()
		s.Recorded += st.recorded
		s.Dropped += st.dropped
		st.addTo(&own)
		st.each(func(p *slot) {
			if !p.inFlight() {
				return
			}
			n := &counts[p.stat]
			switch {
			case p.started != 0:
				s.Running++
				n.Running++
			case p.held != 0:
				s.Held++
				n.Held++
			default:
				s.Queued++
				n.Queued++
			}
		})
		st.mu.Unlock()
	}
	names, _ := r.names.load(&own)
	s.Names = make(map[string]nameSummary, len(names))
	for i, n := range names {
		c := counts[i]
		c.Returned, c.Unwound, c.NotRun = n.Returned, n.Unwound, n.NotRun
		c.WaitP50, c.WaitP99 = seconds(n.Wait, 0.5), seconds(n.Wait, 0.99)
		c.RunP50, c.RunP99 = seconds(n.Run, 0.5), seconds(n.Run, 0.99)
		if i == 0 && c == (nameSummary{}) {
			continue // no other names
		}
		s.Names[strings.ToValidUTF8(n.Name, "\uFFFD")] = c
	}
	text, err := json.Marshal(s)
	if err != nil {
		panic("flight: String: " + err.Error()) // not of such a type
	}
	return string(text)
}

func seconds(h Histogram, q float64) float64 {
	return float64(h.Quantile(q)) / float64(time.Second)
}
