package debug

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/go-desync/go-desync/adapters/flight"
)

// A look is a Snapshot and what the page is told of it.
type look struct {
	snapshot *flight.Snapshot
	before   *flight.Snapshot // of the look before: a job may be gone since it was shown
	state    string

	since time.Time
	cost  time.Duration // what it took to make it
}

// share is how much of one processor the page may take, as one in so many.
const share = 10

// look returns what the recorder knows now, or nil if ctx ends before. It is made by one
// goroutine at a time. The next that asks gets the same one, unless it wants a fresh one, as
// long as it is no older than share times what it took to make it.
func (s *server) look(ctx context.Context, fresh bool) *look {
	select {
	case s.looking <- struct{}{}:
		defer func() { <-s.looking }()
	case <-ctx.Done():
		return nil
	}
	start := time.Now()
	if l := s.last; l != nil && !fresh && start.Sub(l.since) < share*l.cost {
		return l
	}
	l := &look{snapshot: s.recorder.Snapshot()}
	if s.last != nil {
		l.before = s.last.snapshot
	}
	text, err := json.Marshal(stateOf(l.snapshot, s.tables))
	if err != nil {
		panic(err) // numbers and texts only
	}
	l.state = string(text)
	l.since = time.Now()
	l.cost = l.since.Sub(start)
	s.last = l
	return l
}

// rowsOf returns the rows of a table, each as long as there are columns.
func (t table) rowsOf() (cells [][]string, more int, err string) {
	defer func() {
		if v := recover(); v != nil {
			cells, more, err = nil, 0, "The function that returns the rows has panicked: "+panicText(v)
		}
	}()
	rows := t.rows()
	for i, row := range rows {
		if i == mostRows {
			return cells, len(rows) - mostRows, ""
		}
		full := make([]string, len(t.columns))
		for i := range min(len(row), len(full)) {
			full[i] = cut(row[i])
		}
		cells = append(cells, full)
	}
	return cells, 0, ""
}

// panicText returns the text of a panic's value, whose methods may panic too.
func panicText(v any) (text string) {
	defer func() {
		if recover() != nil {
			text = fmt.Sprintf("a %T", v)
		}
	}()
	return cut(fmt.Sprint(v))
}

// cut cuts a long text. What is not valid in it, JSON replaces.
func cut(s string) string {
	const most = 300
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}
