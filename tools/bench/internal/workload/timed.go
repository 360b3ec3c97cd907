package workload

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/go-desync/go-desync/tools/bench/internal/measure"
	"github.com/go-desync/go-desync/tools/bench/internal/report"
	"github.com/go-desync/go-desync/tools/bench/internal/subject"
)

// timed is a workload of which the time counts.
type timed struct {
	name  string
	batch int // operations come in multiples of it
	jobs  int // that one operation hands over

	// bind returns nil if the object has no such operation. Otherwise prepare
	// sets up n of them on the object, and work returns when all are handed
	// over, with an error if something that it has seen is wrong.
	bind func(o subject.Object) (prepare func(n int) (work func() error))

	// goals are limits of the ratio, by the name of the peer.
	goals map[string]float64

	// allocFree says that the own subject must not allocate.
	allocFree bool
}

func (w timed) Name() string { return w.name }

func (w timed) Measure(ctx context.Context, own subject.Subject, peers []subject.Subject, o measure.Options) ([]report.Row, error) {
	runners := []measure.Runner{w.runner(own)}
	for _, p := range peers {
		if w.fits(p) {
			runners = append(runners, w.runner(p))
		}
	}
	all, err := measure.Compare(ctx, runners, o)
	if err != nil {
		return nil, err
	}

	rows := compared(w.name, runners, all, w.goals)
	if w.allocFree {
		row := report.Row{Workload: w.name, Unit: report.AllocsPerOp, Own: allocs(all[0])}
		row.Goal = report.OwnGoal(row, 0)
		rows = append(rows, row)
	}
	return rows, nil
}

// compared returns the rows of the first runner against each of the others.
func compared(workload string, runners []measure.Runner, all []measure.Series, goals map[string]float64) (rows []report.Row) {
	mine := all[0]
	for i, theirs := range all[1:] {
		ratio := measure.Quartiles(measure.Ratios(mine.Nanos, theirs.Nanos))
		row := report.Row{
			Workload: workload,
			Against:  runners[i+1].Name,
			Unit:     report.Nanos,
			Own:      measure.Quartiles(mine.Nanos).Median,
			Peer:     measure.Quartiles(theirs.Nanos).Median,
			Ratio:    &report.Ratio{Median: ratio.Median, Low: ratio.Low, High: ratio.High},
			Allocs:   &report.Allocs{Own: allocs(mine), Peer: allocs(theirs)},
		}
		if limit, ok := goals[row.Against]; ok {
			row.Goal = report.RatioGoal(row, limit)
		}
		rows = append(rows, row)
	}
	return rows
}

func allocs(s measure.Series) float64 { return round(measure.Quartiles(s.Allocs).Median) }

// fits asks an object of the subject what it can do.
func (w timed) fits(s subject.Subject) bool {
	o := s.New()
	defer o.Close()
	return w.bind(o) != nil
}

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
				o.Close()
				return errors.Join(seen, counted(ran, n*w.jobs))
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

// round rounds to thousandths. The runtime allocates now and then on its own; in
// runs of many thousand operations that disappears.
func round(f float64) float64 { return math.Round(f*1000) / 1000 }
