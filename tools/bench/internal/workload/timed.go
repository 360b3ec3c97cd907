package workload

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/go-desync/go-desync/tools/bench/internal/measure"
	"github.com/go-desync/go-desync/tools/bench/internal/report"
	"github.com/go-desync/go-desync/tools/bench/internal/subject"
)

// timed is a workload whose time is measured.
type timed struct {
	name  string
	batch int // the number of operations is a multiple of it
	jobs  int // the jobs that one operation hands over
	line  report.Line

	needs subject.Ability

	// bind is called with an object that has the ability. prepare sets up n operations on
	// the object, and work returns when all are handed over, with an error if a result
	// was wrong.
	bind func(o subject.Object) (prepare func(n int) (work func() error))

	goals goals

	// allocFree says that Desync must not allocate.
	allocFree bool
}

func (w timed) Name() string { return w.name }

// farRounds returns the number of rounds with the peers that have no goals. They differ
// by a factor and not by a few percent, so fewer rounds will do.
func farRounds(o measure.Options) int { return max(1, o.Rounds/4) }

func (w timed) LeftOut(peers []subject.Subject, _ measure.Options) []report.Omission {
	return leftOut(w.name, w.needs, peers)
}

func (w timed) Rough(peers []subject.Subject, o measure.Options) time.Duration {
	near, far := w.split(peers)
	run := max(o.Target, time.Duration(w.batch*w.jobs)*time.Microsecond) + 3*time.Millisecond
	return run * time.Duration((1+len(near))*(8+o.Warmup+o.Rounds)+(1+len(far))*(8+o.Warmup+farRounds(o)))
}

// Measure first compares own with the peers that goals refer to, so that the runs of a
// round are close together, and then with the others.
func (w timed) Measure(ctx context.Context, own subject.Subject, peers []subject.Subject, o measure.Options) ([]report.Row, error) {
	near, far := w.split(peers)
	share := 1.0
	if len(far) > 0 {
		share = 0.7
	}
	rows, mine, err := w.against(ctx, own, near, o.Part(0, share))
	if err != nil {
		return nil, err
	}
	if len(far) > 0 {
		o.Rounds = farRounds(o)
		o.Warmup = min(o.Warmup, o.Rounds/2)
		more, _, err := w.against(ctx, own, far, o.Part(share, 1))
		if err != nil {
			return nil, err
		}
		rows = append(rows, more...)
	}
	if w.allocFree {
		rows = append(rows, allocated(w.name, mine, 0))
	}
	return rows, nil
}

func (w timed) against(ctx context.Context, own subject.Subject, peers []subject.Subject, o measure.Options) ([]report.Row, measure.Series, error) {
	runners := []measure.Runner{w.runner(own)}
	for _, p := range peers {
		runners = append(runners, w.runner(p))
	}
	all, err := measure.Compare(ctx, runners, o)
	if err != nil {
		return nil, measure.Series{}, err
	}
	return compared(w.name, w.line, all, w.goals), all[0], nil
}

// split divides the peers that can do the work into near and far ones.
func (w timed) split(peers []subject.Subject) (near, far []subject.Subject) {
	for _, p := range peers {
		switch {
		case subject.Why(p, w.needs) != "":
		case w.goals.refer(p.Name()) || basic(p):
			near = append(near, p)
		default:
			far = append(far, p)
		}
	}
	return near, far
}

// basic reports whether a subject is one of the three ways of plain Go that can do all
// the work.
func basic(s subject.Subject) bool {
	switch s.Name() {
	case subject.MutexName, subject.ActorName, subject.GoroutineName:
		return true
	}
	return false
}

// leftOut returns the subjects that lack an ability, with the reasons.
func leftOut(workload string, needs subject.Ability, peers []subject.Subject) (left []report.Omission) {
	for _, p := range peers {
		if why := subject.Why(p, needs); why != "" {
			left = append(left, report.Omission{Workload: workload, Subject: p.Name(), Why: why})
		}
	}
	return left
}

// compared returns a row of the first series against each of the others.
func compared(workload string, line report.Line, all []measure.Series, g goals) (rows []report.Row) {
	mine := all[0]
	for _, theirs := range all[1:] {
		ratio := measure.Quartiles(measure.Ratios(mine.Nanos, theirs.Nanos))
		row := report.Row{
			Workload: workload,
			Against:  theirs.Name,
			Line:     line,
			Unit:     report.Nanos,
			Own:      measure.Quartiles(mine.Nanos).Median,
			Peer:     measure.Quartiles(theirs.Nanos).Median,
			Ratio:    &report.Ratio{Median: ratio.Median, Low: ratio.Low, High: ratio.High},
			Allocs:   &report.Allocs{Own: allocs(mine), Peer: allocs(theirs)},
			Samples:  &report.Samples{Own: mine.Nanos, Peer: theirs.Nanos},
		}
		row.Goal = g.of(row, all)
		rows = append(rows, row)
	}
	return rows
}

// allocated returns the row for the allocations of a side, with its goal. They are
// rounded to a hundredth, because the queue takes memory in blocks of hundreds of jobs.
func allocated(workload string, s measure.Series, most float64) report.Row {
	row := report.Row{Workload: workload, Unit: report.AllocsPerOp, Own: math.Round(allocs(s)*100) / 100, Samples: &report.Samples{Own: s.Allocs}}
	row.Goal = report.OwnGoal(row, most)
	return row
}

func allocs(s measure.Series) float64 { return round(measure.Quartiles(s.Allocs).Median) }

func (w timed) runner(s subject.Subject) measure.Runner {
	return measure.Runner{
		Name:  s.Name(),
		Batch: w.batch,
		Prepare: func(n int) (run func(), check func() error) {
			o := s.New()
			work := w.bind(o)(n)
			var seen error
			var ran int
			run = func() {
				seen = work()
				ran = o.Wait()
			}
			check = func() error {
				defer o.Close()
				if err := errors.Join(seen, counted(ran, n*w.jobs)); err != nil {
					return err
				}
				return ordered(s, o)
			}
			return run, check
		},
	}
}

func counted(ran, handedOver int) error {
	if ran != handedOver {
		return fmt.Errorf("%d jobs were handed over, %d were counted", handedOver, ran)
	}
	return nil
}

func answered(right, asked int) error {
	if right != asked {
		return fmt.Errorf("%d of %d calls came back with a wrong result, or before their job had run", asked-right, asked)
	}
	return nil
}

// round rounds to thousandths. The runtime allocates now and then by itself; in runs of
// many thousand operations, that does not show.
func round(f float64) float64 { return math.Round(f*1000) / 1000 }
