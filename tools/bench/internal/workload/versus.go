package workload

import (
	"context"
	"errors"
	"time"

	"github.com/go-desync/go-desync/tools/bench/internal/measure"
	"github.com/go-desync/go-desync/tools/bench/internal/report"
	"github.com/go-desync/go-desync/tools/bench/internal/subject"
)

// versus is a workload that compares one use of the library with sides that are not
// subjects, such as another use of the library. It ignores the subjects.
type versus struct {
	name  string
	batch int // operations come in multiples of it
	own   side
	peers []side
	goals goals
}

// A side is one of those that are compared.
type side struct {
	name string

	// prepare sets up n operations. work does them, and returns when all have
	// ended. After that ran returns a count for each value that takes part in
	// every operation; each must be n.
	prepare func(n int) (work func(), ran func() []int)
}

func (s side) Name() string { return s.name }

func (w versus) Name() string { return w.name }

func (versus) LeftOut([]subject.Subject, measure.Options) []report.Omission { return nil }

func (w versus) Rough(_ []subject.Subject, o measure.Options) time.Duration {
	return (o.Target + 3*time.Millisecond) * time.Duration((1+len(w.peers))*(8+o.Warmup+o.Rounds))
}

func (w versus) Measure(ctx context.Context, _ subject.Subject, _ []subject.Subject, o measure.Options) ([]report.Row, error) {
	runners := []measure.Runner{w.runner(w.own)}
	for _, p := range w.peers {
		runners = append(runners, w.runner(p))
	}
	all, err := measure.Compare(ctx, runners, o)
	if err != nil {
		return nil, err
	}
	return compared(w.name, report.Line{}, all, w.goals), nil
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
