package conformance

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/go-desync/go-desync/conformance/history"
	"github.com/go-desync/go-desync/conformance/internal/pipe"
)

// A wireProgram is what a peer gets of a program.
type wireProgram struct {
	Procs   int      `json:"procs"`
	Objects int      `json:"objects"`
	Clients [][]Step `json:"clients"`
}

// playInPeer has the peer play a program and returns its history.
func (t *trial) playInPeer(p *Program) (h *history.History, hung bool) {
	c := t.remote.conn
	var a pipe.Answer
	program, err := json.Marshal(wireProgram{p.Procs, p.Objects, p.Clients})
	if err != nil {
		t.inconclusive("the program cannot be sent: %v", err)
	}
	t.expect("all calls of a random program return, and all of its jobs run")
	done := t.goes(func() {
		var ok bool
		a, ok = c.ask(pipe.Order{Op: "play", Program: program}, nil)
		if !ok {
			c.vanish()
		}
	})
	if hung = !t.comes(done); hung {
		a, _ = c.ask(pipe.Order{Op: "stop"}, time.After(2*time.Second))
		hung = a.Op == "" || !a.Whole
	}
	if a.Op == "error" {
		c.broke("it answered play with the error %s: %s", a.Code, a.Text)
		c.vanish()
	}
	if a.Op == "" {
		return &history.History{}, true
	}
	h, fault := recorded(p, a)
	if fault != "" {
		c.broke("its record of a program cannot be: %s", fault)
		c.vanish()
	}
	return h, hung
}

// What a row of a record has.
const (
	rowCall = iota
	rowReturn
	rowStart
	rowEnd
	rowStart2
	rowEnd2
	rowTold
	rowLength
)

// What a caller was told of its job.
var told = []history.Outcome{history.Pending, history.Ran, history.Canceled, history.Refused}

// recorded makes a history of a peer's record, and says what is wrong with it.
func recorded(p *Program, a pipe.Answer) (h *history.History, fault string) {
	ops := p.operations()
	if len(a.Rows) != len(ops) {
		return nil, fmt.Sprintf("it has %d rows for %d calls", len(a.Rows), len(ops))
	}
	h = &history.History{}
	var stamps []int64
	for i, row := range a.Rows {
		op := ops[i]
		if len(row) != rowLength || row[rowTold] < 0 || row[rowTold] >= int64(len(told)) {
			return nil, fmt.Sprintf("row %d is %v", i, row)
		}
		for _, stamp := range row[:rowTold] {
			if stamp < 0 {
				return nil, fmt.Sprintf("row %d has the stamp %d", i, stamp)
			}
			if stamp > 0 {
				stamps = append(stamps, stamp)
			}
		}
		if row[rowCall] == 0 {
			if slices.ContainsFunc(row, func(n int64) bool { return n != 0 }) || a.Whole {
				return nil, fmt.Sprintf("row %d has no call", i)
			}
			continue
		}
		op.Call, op.Return, op.Start, op.End = row[rowCall], row[rowReturn], row[rowStart], row[rowEnd]
		op.Outcome = told[row[rowTold]]
		if op.Outcome == history.Pending && op.Start != 0 {
			op.Outcome = history.Ran
		}
		if row[rowStart2] != 0 {
			op.Again = &history.Span{Start: row[rowStart2], End: row[rowEnd2]}
		}
		if a.Whole && op.Return == 0 {
			return nil, fmt.Sprintf("call %d has not returned, although all is said to have come", i)
		}
		h.Operations = append(h.Operations, op)
	}
	slices.Sort(stamps)
	for i, stamp := range stamps {
		switch {
		case i > 0 && stamp == stamps[i-1]:
			return nil, fmt.Sprintf("the stamp %d is there twice", stamp)
		case a.Whole && stamp != int64(i)+1:
			return nil, fmt.Sprintf("the stamp %d is missing", i+1)
		}
	}
	if fault := listed(h, p.Objects, a.Lists); fault != "" {
		return nil, fault
	}
	return h, ""
}

// operations returns what a program calls, its barriers aside, with a call at the end for
// each object.
func (p *Program) operations() (ops []history.Operation) {
	for c, steps := range p.Clients {
		for _, s := range steps {
			if s.Kind != stepBarrier {
				ops = append(ops, history.Operation{ID: len(ops), Client: c, Object: s.Object, Also: s.Also, Kind: s.Kind})
			}
		}
	}
	for o := range p.Objects {
		ops = append(ops, history.Operation{ID: len(ops), Client: len(p.Clients), Object: o, Kind: stepDo})
	}
	return ops
}

// listed compares the lists that jobs wrote with the stamps of their starts. Where bodies
// overlap, the lists may be anything.
func listed(h *history.History, objects int, lists [][]int) (fault string) {
	if len(lists) != objects {
		return fmt.Sprintf("it has %d lists for %d objects", len(lists), objects)
	}
	type span struct {
		start, end int64
		id         int
	}
	for object, list := range lists {
		var spans []span
		for _, o := range h.Operations {
			if o.Start != 0 && (o.Object == object || slices.Contains(o.Also, object)) {
				spans = append(spans, span{o.Start, o.End, o.ID})
				if o.Again != nil {
					spans = append(spans, span{o.Again.Start, o.Again.End, o.ID})
				}
			}
		}
		slices.SortFunc(spans, func(a, b span) int { return int(a.start - b.start) })
		overlap := false
		for i := range spans {
			overlap = overlap || i > 0 && (spans[i-1].end == 0 || spans[i-1].end > spans[i].start)
		}
		if overlap {
			continue
		}
		// A job that has just started may not have written yet.
		if len(list) > len(spans) || len(list) < len(spans)-1 {
			return fmt.Sprintf("the list of object %d has %d entries, and %d jobs started", object, len(list), len(spans))
		}
		for i, id := range list {
			if spans[i].id != id {
				return fmt.Sprintf("the list of object %d has job %d at place %d, and by the stamps it is job %d", object, id, i, spans[i].id)
			}
		}
	}
	return ""
}
