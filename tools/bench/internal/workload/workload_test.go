package workload

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-desync/go-desync/tools/bench/internal/measure"
	"github.com/go-desync/go-desync/tools/bench/internal/report"
	"github.com/go-desync/go-desync/tools/bench/internal/subject"
)

// tiny runs the smallest number of operations once, on few objects.
var tiny = measure.Options{Rounds: 1, Limit: time.Minute, Shrink: 1_000}

func TestEveryWorkloadRunsAndCounts(t *testing.T) {
	for _, w := range All() {
		t.Run(w.Name(), func(t *testing.T) {
			rows, err := w.Measure(t.Context(), subject.Desync{}, subject.Peers(), tiny)
			if err != nil {
				t.Fatal(err)
			}
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
				if r.Samples == nil || len(r.Samples.Own) == 0 || r.Against != "" && len(r.Samples.Peer) != len(r.Samples.Own) {
					t.Errorf("against %s: the figures of the rounds are missing: %+v", r.Against, r.Samples)
				}
			}
			var want []string
			switch w := w.(type) {
			case versus:
				want = names(w.peers)
			case crowd:
				want = []string{subject.MutexName}
			case measured:
				want = []string{sdkHistograms}
			case weighed:
				want = names(w.sides(subject.Peers()))
				if w.needs == "" {
					want = want[1:]
				}
			default:
				for _, p := range subject.Peers() {
					if !omits(w.LeftOut(subject.Peers(), tiny), p) {
						want = append(want, p.Name())
					}
				}
			}
			slices.Sort(want)
			slices.Sort(against)
			if got, want := strings.Join(against, ", "), strings.Join(want, ", "); got != want {
				t.Errorf("compared with %s, want %s", got, want)
			}
		})
	}
}

func omits(left []report.Omission, s subject.Subject) bool {
	return slices.ContainsFunc(left, func(o report.Omission) bool { return o.Subject == s.Name() && o.Why != "" })
}

// Each goal has its row.
func TestGoals(t *testing.T) {
	want := `100,000 timers, until their jobs have run/time.AfterFunc and Async ratio
Async and drain, 1 producer/channel actor ratio
Async and drain, 1 producer/desync desync
Async and drain, 1 producer/mutex ratio
Async and drain, 1,000,000 waiting, 1 producer/channel actor ratio
Async and drain, 1,000,000 waiting, 2 producers/channel actor ratio
Async and drain, 1,000,000 waiting, 8 producers/channel actor ratio
Async and drain, 100 waiting, 1 producer/channel actor ratio
Async and drain, 100 waiting, 2 producers/channel actor ratio
Async and drain, 100 waiting, 8 producers/channel actor ratio
Async and drain, 100,000 waiting, 1 producer/channel actor ratio
Async and drain, 100,000 waiting, 2 producers/channel actor ratio
Async and drain, 100,000 waiting, 8 producers/channel actor ratio
Async and drain, 2 producers/channel actor ratio
Async and drain, 2 producers/mutex ratio
Async and drain, 8 producers/channel actor ratio
Async then Sync/channel actor ratio
CPU-heavy jobs over 64 objects, 2 cores/desync desync
Do/desync desync
Do/mutex ratio
DoContext, idle object, Background/Do ratio
DoContext, idle object, Background/desync desync
DoContext, idle object, cancelable/Do ratio
DoContext, idle object, cancelable/desync desync
Future and Await/goroutine per job ratio
Map, 1 goroutine, 1,000 keys/desync desync
Map, 1 goroutine, 1,000 keys/plain objects ratio
Map, 1 goroutine, 1,000 keys/sync.Map and a mutex ratio
Map, 1 goroutine, 1,000 keys/xsync Map.Compute ratio
Map, 8 goroutines on distinct keys, 1 µs of work/plain objects ratio
Map, 8 goroutines on distinct keys, no work/plain objects ratio
Map, 8 goroutines, zipf over 10,000 keys/map of mutexes ratio
Map, a job for each of 10,000 keys in turn/goroutine per job and a mutex per key ratio
Sync/desync desync
Sync/mutex ratio
Sync2, idle objects/desync desync
Sync2, idle objects/two mutexes ratio
contended Do, 1000 goroutines/mutex ratio
contended Do, 2 goroutines/mutex ratio
contended Do, 64 goroutines/mutex ratio
contended Do, 8 goroutines/mutex ratio
contended Do, half a µs of work, 1000 goroutines/mutex ratio
contended Do, half a µs of work, 2 goroutines/mutex ratio
contended Do, half a µs of work, 64 goroutines/mutex ratio
contended Do, half a µs of work, 8 goroutines/mutex ratio
contended DoContext, 1000 goroutines/mutex and an allocation ratio
contended DoContext, 2 goroutines/mutex and an allocation ratio
contended DoContext, 64 goroutines/mutex and an allocation ratio
contended DoContext, 8 goroutines/mutex and an allocation ratio
contended Sync, 1000 goroutines/mutex ratio
contended Sync, 2 goroutines/mutex ratio
contended Sync, 64 goroutines/mutex ratio
contended Sync, 8 goroutines/mutex ratio
fan-out, 1,000 objects × 100 jobs round-robin/goroutine per job ratio
fan-out, 10,000 objects × 100 jobs round-robin/goroutine per job ratio
fan-out, 100,000 objects × 10 jobs round-robin/goroutine per job ratio
fan-out, 100,000 objects × 100 jobs in bursts/goroutine per job ratio
idle object/channel actor desync
idle object/channel actor desync
kept after a burst of 1,000,000 jobs/desync desync
longest wait among 64 hot goroutines/mutex ratio
longest wait beside 3 hot objects/desync desync
longest wait of a job beside 1,000 busy objects/desync desync
memory of a key/desync desync
memory of a timer/time.AfterFunc and Async ratio
observed Async and drain/an observer that does nothing ratio
observed Do, 1 goroutine/an observer that does nothing ratio
observed Do, 8 goroutines/an observer that does nothing ratio
observed Do, jobs of 10 µs/no observer ratio
observed Do, what metrics add/two histograms of the OpenTelemetry SDK ratio
published value, 8 goroutines, 1 write in 1,000/RWMutex ratio
published value, read/atomic.Pointer ratio
published value, read/desync desync`
	var goals []string
	for _, w := range All() {
		rows, err := w.Measure(t.Context(), subject.Desync{}, subject.Goals(), tiny)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			if r.Goal != nil {
				goals = append(goals, r.Workload+"/"+cmp.Or(r.Against, "desync")+" "+r.Goal.Of)
			}
		}
	}
	slices.Sort(goals)
	if got := strings.Join(goals, "\n"); got != want {
		t.Errorf("the rows with goals are\n%s\nwant\n%s", got, want)
	}
}

// A goal that may not be reached says what stops it, also where its row is measured alone.
func TestBounds(t *testing.T) {
	var all []string
	for _, w := range All() {
		for _, p := range subject.Goals() {
			bound := Bound(w, p.Name())
			if bound == "" {
				continue
			}
			two := slices.DeleteFunc(subject.Goals(), func(s subject.Subject) bool { return s.Name() != p.Name() && s.Name() != bound })
			rows, err := w.Measure(t.Context(), subject.Desync{}, two, tiny)
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(rows, func(r report.Row) bool { return r.Against == p.Name() })
			if i < 0 || rows[i].Goal == nil || rows[i].Goal.Bound == nil {
				t.Errorf("%s against %s: the row, its goal or the bound %s is missing: %+v", w.Name(), p.Name(), bound, rows)
				continue
			}
			b := *rows[i].Goal.Bound
			of := rows[slices.IndexFunc(rows, func(r report.Row) bool { return r.Against == bound })]
			if want := of.Peer / rows[i].Peer; b.By != bound || math.Abs(b.Ratio-want) > 1e-9 {
				t.Errorf("%s against %s: the bound is %+v, want %v by %s", w.Name(), p.Name(), b, want, bound)
			}
			all = append(all, w.Name()+"/"+p.Name()+" "+bound)
		}
	}
	want := []string{
		"Future and Await/goroutine per job least queue",
		"fan-out, 1,000 objects × 100 jobs round-robin/goroutine per job least queue",
		"fan-out, 10,000 objects × 100 jobs round-robin/goroutine per job least queue",
		"fan-out, 100,000 objects × 10 jobs round-robin/goroutine per job least queue",
	}
	if !slices.Equal(all, want) {
		t.Errorf("the bounds are\n%q, want\n%q", all, want)
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
