package workload

import (
	"context"
	"fmt"
	"slices"

	"github.com/go-desync/go-desync/tools/bench/internal/measure"
	"github.com/go-desync/go-desync/tools/bench/internal/report"
	"github.com/go-desync/go-desync/tools/bench/internal/subject"
)

// A part is a workload that is measured in processes of its own. In a shared one, the
// result would depend on what the other workloads left behind and on how the process
// laid out its memory.
type part interface {
	Workload

	// here measures the sides of the task in this process.
	here(ctx context.Context, all []subject.Subject, t measure.Task) ([]measure.Series, error)
}

// isolated measures the sides with these names, all in the same processes or, if apart
// is true, each in processes of its own.
func isolated(ctx context.Context, p part, apart bool, sides []string, all []subject.Subject, o measure.Options) ([]measure.Series, error) {
	t := measure.Task{Workload: p.Name(), Sides: sides, Options: o}
	return measure.Isolated(ctx, t, apart, func(ctx context.Context, t measure.Task) ([]measure.Series, error) {
		return p.here(ctx, all, t)
	})
}

// able returns the subjects that have an ability.
func able(all []subject.Subject, needs subject.Ability) []subject.Subject {
	return slices.DeleteFunc(slices.Clone(all), func(s subject.Subject) bool { return subject.Why(s, needs) != "" })
}

// named returns the elements with the names, in the order of the names.
func named[S interface{ Name() string }](all []S, names []string) (some []S, err error) {
	for _, name := range names {
		i := slices.IndexFunc(all, func(s S) bool { return s.Name() == name })
		if i < 0 {
			return nil, fmt.Errorf("nothing here is called %q", name)
		}
		some = append(some, all[i])
	}
	return some, nil
}

func names[S interface{ Name() string }](all []S) (names []string) {
	for _, s := range all {
		names = append(names, s.Name())
	}
	return names
}

// values returns a row for the first side alone, with its goal, and a row against each
// of the other sides.
func values(workload string, unit report.Unit, all []measure.Series, goal func(report.Row) *report.Goal) []report.Row {
	mine := all[0]
	alone := report.Row{
		Workload: workload, Unit: unit,
		Own: measure.Quartiles(mine.Values).Median, Samples: &report.Samples{Own: mine.Values},
	}
	against := alone
	if goal != nil {
		alone.Goal = goal(alone)
	}
	rows := []report.Row{alone}
	for _, theirs := range all[1:] {
		row := against
		row.Against = theirs.Name
		row.Peer = measure.Quartiles(theirs.Values).Median
		row.Samples = &report.Samples{Own: mine.Values, Peer: theirs.Values}
		rows = append(rows, row)
	}
	return rows
}
