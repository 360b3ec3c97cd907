package conformance

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-desync/go-desync/conformance/history"
	"github.com/go-desync/go-desync/conformance/internal/apart"
)

// lifo runs the last of what is queued first.
func lifo(l *lane) Object {
	return broken{lane: l, async: func(job func(*State)) {
		l.Async(job)
		l.mu.Lock()
		defer l.mu.Unlock()
		if n := len(l.jobs); n > 1 {
			l.jobs[0], l.jobs[n-1] = l.jobs[n-1], l.jobs[0]
		}
	}}
}

func TestFailureIsSavedShrunkAndReplayed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "histories")
	r := check(t, laneFactory(lifo), WithRules("ORD-4/queue"), WithHistories(dir))
	fail := r.Rule("ORD-4").Cases[0].Failure
	if fail == nil {
		t.Fatal("ORD-4/queue does not fail on an object that turns the order round")
	}
	if len(fail.History.Operations) == 0 || len(fail.History.Operations) > 25 {
		t.Errorf("the history that was cut out has %d operations, want some, and few", len(fail.History.Operations))
	}
	if n := fail.Program.size(); n > 60 {
		t.Errorf("the program was not made smaller: it has %d calls", n)
	}

	file, err := os.Open(fail.File)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	h, err := history.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := history.Check(h); err == nil || !strings.Contains(err.Error(), "ORD-") {
		t.Errorf("the saved history is judged %v, want a violation of the order", err)
	}
	var p Program
	if err := json.Unmarshal(h.Program, &p); err != nil {
		t.Fatal(err)
	}
	if n, err := Replay(t.Context(), laneFactory(lifo), &p, 20); err != nil || n == 0 {
		t.Errorf("the program was reproduced %d times of 20, with the error %v", n, err)
	}
	if n, err := Replay(t.Context(), laneFactory(nil), &p, 5); err != nil || n != 0 {
		t.Errorf("on a correct object the program failed %d times of 5, with the error %v", n, err)
	}
}

func TestReplayOfBadPrograms(t *testing.T) {
	good := Program{Case: "ORD-4/queue", Procs: 1, Objects: 1, Clients: [][]Step{{{Kind: stepAsync}}}}
	bad := func(change func(*Program)) *Program {
		p := good.clone()
		change(p)
		return p
	}
	for _, tc := range []struct {
		want string
		p    *Program
	}{
		{"no case", bad(func(p *Program) { p.Case = "ORD-4/none" })},
		{"not valid", bad(func(p *Program) { p.Procs = 0 })},
		{"unknown kind", bad(func(p *Program) { p.Clients[0][0].Kind = "later" })},
		{"names object 7", bad(func(p *Program) { p.Clients[0][0].Object = 7 })},
		{"barriers", bad(func(p *Program) { p.Clients = append(p.Clients, []Step{{Kind: stepBarrier}}) })},
		{`needs the feature "try"`, bad(func(p *Program) { p.Clients[0][0].Kind = stepTry })},
	} {
		if _, err := Replay(t.Context(), laneFactory(nil), tc.p, 1); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("Replay returned the error %v, want one with %q", err, tc.want)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Replay(ended, laneFactory(nil), &good, 1); err == nil {
		t.Error("Replay returned no error although its context had ended")
	}
}

func TestReplayKnowsAHang(t *testing.T) {
	if apart.Ran(t) {
		return
	}
	p := &Program{Case: "EXE-2/all", Procs: 2, Objects: 1, Clients: [][]Step{{{Kind: stepAsync}}}}
	f := laneFactory(func(l *lane) Object { return broken{lane: l, do: func(func(*State)) { select {} }} })
	if n, err := Replay(t.Context(), f, p, 1); n != 1 || err != nil {
		t.Errorf("a hang was reproduced %d times of 1, with the error %v", n, err)
	}
}
