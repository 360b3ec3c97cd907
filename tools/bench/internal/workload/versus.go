package workload

import (
	"context"
	"errors"
	"time"

	"github.com/go-desync/go-desync/tools/bench/internal/measure"
	"github.com/go-desync/go-desync/tools/bench/internal/report"
	"github.com/go-desync/go-desync/tools/bench/internal/subject"
)

// versus is a workload with sides of its own, which replace the subjects: it
// compares one use of the library with another use, or with plain Go.
type versus struct {
	name  string
	batch int // the number of operations is a multiple of it
	least int // tests may shrink the batch to this; 0: not at all
	most  int // the largest number of rounds; 0: no limit
	line  report.Line
	own   side
	peers []side
	goals goals

	// allocs, if it is not nil, is the goal for the allocations of an operation.
	allocs *float64
}

// someRounds are enough for a row that is one of many similar rows.
const someRounds = 25

// A side is one of the things that a versus compares.
type side struct {
	name string

	// prepare sets up n operations. work runs them and returns when all have
	// ended. After that, ran returns the number of operations that were
	// executed, once for each value that counts them.
	prepare func(n int) (work func(), ran func() []int)
}

func (s side) Name() string { return s.name }

func (w versus) Name() string { return w.name }

func (versus) LeftOut([]subject.Subject, measure.Options) []report.Omission { return nil }

func (w versus) Rough(_ []subject.Subject, o measure.Options) time.Duration {
	return (o.Target + 3*time.Millisecond) * time.Duration((1+len(w.peers))*(8+o.Warmup+w.options(o).Rounds))
}

func (w versus) options(o measure.Options) measure.Options {
	if w.most > 0 {
		o.Rounds = min(o.Rounds, w.most)
	}
	return o
}

func (w versus) Measure(ctx context.Context, _ subject.Subject, _ []subject.Subject, o measure.Options) ([]report.Row, error) {
	if w.least > 0 {
		w.batch = o.Shrunk(w.batch, w.least)
	}
	runners := []measure.Runner{w.runner(w.own)}
	for _, p := range w.peers {
		runners = append(runners, w.runner(p))
	}
	all, err := measure.Compare(ctx, runners, w.options(o))
	if err != nil {
		return nil, err
	}
	rows := compared(w.name, w.line, all, w.goals)
	if w.allocs != nil {
		rows = append(rows, allocated(w.name, all[0], *w.allocs))
	}
	return rows, nil
}

func (w versus) runner(s side) measure.Runner {
	return measure.Runner{
		Name:  s.name,
		Batch: w.batch,
		Prepare: func(n int) (func(), func() error) {
			work, ran := s.prepare(n)
			return work, func() error {
				var wrong []error
				for _, seen := range ran() {
					wrong = append(wrong, counted(seen, n))
				}
				return errors.Join(wrong...)
			}
		},
	}
}
