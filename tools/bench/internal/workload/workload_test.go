package workload

import (
	"strings"
	"testing"
	"time"

	"github.com/go-desync/go-desync/tools/bench/internal/measure"
	"github.com/go-desync/go-desync/tools/bench/internal/report"
	"github.com/go-desync/go-desync/tools/bench/internal/subject"
)

// tiny runs the smallest number of operations once.
var tiny = measure.Options{Rounds: 1, Limit: time.Minute}

func TestEveryWorkloadRunsAndCounts(t *testing.T) {
	for _, w := range All() {
		t.Run(w.Name(), func(t *testing.T) {
			rows, err := w.Measure(t.Context(), subject.Desync{}, subject.Peers(), tiny)
			if err != nil {
				t.Fatal(err)
			}
			goals := 0
			var against []string
			for _, r := range rows {
				if r.Against != "" && r.Unit != report.Goroutines {
					against = append(against, r.Against)
				}
				if r.Workload != w.Name() {
					t.Errorf("a row is of the workload %q", r.Workload)
				}
				if r.Unit == report.Nanos && (r.Own <= 0 || r.Peer <= 0 || r.Ratio == nil || r.Ratio.Median <= 0) {
					t.Errorf("against %s: a time or a ratio is missing: %+v", r.Against, r)
				}
				if r.Goal != nil {
					goals++
				}
			}
			want := "mutex, channel actor, goroutine per job"
			hasGoal := true
			switch w := w.(type) {
			case timed:
				if w.name == "Future and Await" {
					want = "goroutine per job"
				}
				hasGoal = len(w.goals) > 0
			case versus:
				want = w.peer.name
				hasGoal = len(w.goals) > 0
			}
			if hasGoal != (goals > 0) {
				t.Errorf("%d goals in %+v", goals, rows)
			}
			if got := strings.Join(against, ", "); got != want {
				t.Errorf("compared with %s, want %s", got, want)
			}
		})
	}
}

func TestDoAndSyncOfDesyncAllocateNothing(t *testing.T) {
	if raceDetector {
		t.Skip("with the race detector Desync watches for deadlocks, which allocates")
	}
	o := measure.Options{Rounds: 3, Target: time.Millisecond, Limit: time.Minute}
	for _, w := range []Workload{uncontendedDo(), uncontendedSync()} {
		rows, err := w.Measure(t.Context(), subject.Desync{}, nil, o)
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) != 1 || rows[0].Unit != report.AllocsPerOp || rows[0].Own != 0 {
			t.Errorf("%s: %+v, want one row with 0 allocs/op", w.Name(), rows)
		}
	}
}

// able is an object that can do everything.
type able interface {
	subject.Object
	subject.Doer
	subject.Syncer
	subject.Asyncer
	subject.RoundTripper
	subject.Awaiter
}

// faulty is a subject whose objects are bent.
type faulty func(able) subject.Object

func (faulty) Name() string          { return "faulty" }
func (f faulty) New() subject.Object { return f(subject.Goroutine{}.New().(able)) }

// miscounting has lost jobs or has run some twice.
type miscounting struct {
	able
	by int
}

func (o miscounting) Wait() int { return o.able.Wait() + o.by }

// misleading runs all jobs, but one call did not wait for its job or has brought
// the result of another.
type misleading struct{ able }

func (o misleading) Do(n int) int        { return o.able.Do(n) - 1 }
func (o misleading) Sync(n int) int      { return o.able.Sync(n) - 1 }
func (o misleading) RoundTrip(n int) int { return o.able.RoundTrip(n) - 1 }
func (o misleading) Await(n int) int     { return o.able.Await(n) - 1 }

func TestEveryWorkloadFindsLostAndRepeatedJobs(t *testing.T) {
	for _, w := range All() {
		for what, by := range map[string]int{"lost": -1, "repeated": 1} {
			if v, ok := w.(versus); ok {
				mustFailVersus(t, v, what, by)
				continue
			}
			s := faulty(func(o able) subject.Object { return miscounting{o, by} })
			mustFail(t, w, s, "a job was "+what, "handed over")
		}
	}
}

func TestEveryWorkloadWithResultsFindsAWrongOne(t *testing.T) {
	s := faulty(func(o able) subject.Object { return misleading{o} })
	tried := 0
	for _, w := range All() {
		if _, ok := w.(versus); ok || w.Name() == (idle{}).Name() || strings.HasPrefix(w.Name(), "Async and drain") {
			continue
		}
		tried++
		mustFail(t, w, s, "a result was wrong", "wrong result")
	}
	if tried != 7 {
		t.Errorf("%d workloads were tried, want 7", tried)
	}
}

// mustFail wants the fault found whether the subject is compared or compared with.
func mustFail(t *testing.T, w Workload, s subject.Subject, fault, message string) {
	t.Helper()
	check := func(as string, own subject.Subject, peers ...subject.Subject) {
		t.Helper()
		_, err := w.Measure(t.Context(), own, peers, tiny)
		if err == nil || !strings.Contains(err.Error(), message) || !strings.Contains(err.Error(), "faulty") {
			t.Errorf("%s, %s, as %s: error %v, want one with %q that names the subject", w.Name(), fault, as, err, message)
		}
	}
	check("own subject", s)
	check("peer", subject.Desync{}, s)
}

// mustFailVersus wants a wrong count found on either side, of each value.
func mustFailVersus(t *testing.T, w versus, what string, by int) {
	t.Helper()
	_, ran := w.own.prepare(w.batch)
	for value := range ran() {
		bend := func(s side) side {
			return side{"faulty", func(n int) (func(), func() []int) {
				work, ran := s.prepare(n)
				return work, func() []int {
					all := ran()
					all[value] += by
					return all
				}
			}}
		}
		for as, bent := range map[string]versus{
			"own":  {name: w.name, batch: w.batch, own: bend(w.own), peer: w.peer},
			"peer": {name: w.name, batch: w.batch, own: w.own, peer: bend(w.peer)},
		} {
			_, err := bent.Measure(t.Context(), nil, nil, tiny)
			if err == nil || !strings.Contains(err.Error(), "handed over") || !strings.Contains(err.Error(), "faulty") {
				t.Errorf("%s, a job was %s, as %s: error %v, want one with \"handed over\" that names the side", w.name, what, as, err)
			}
		}
	}
}
