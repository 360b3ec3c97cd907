package workload

import (
	"context"
	"errors"

	"github.com/go-desync/go-desync/tools/bench/internal/measure"
	"github.com/go-desync/go-desync/tools/bench/internal/report"
	"github.com/go-desync/go-desync/tools/bench/internal/subject"
)

// versus is a workload that compares one use of the library with something that
// none of the subjects is, such as another use of the library. It takes no notice
// of the subjects.
type versus struct {
	name      string
	batch     int // operations come in multiples of it
	own, peer side
	goals     map[string]float64 // as in timed
}

// side is one of the two.
type side struct {
	name string

	// prepare sets up n operations. The work returns when all have ended; then
	// ran returns how many each of the values has seen that sees them all.
	prepare func(n int) (work func(), ran func() []int)
}

func (w versus) Name() string { return w.name }

func (w versus) Measure(ctx context.Context, _ subject.Subject, _ []subject.Subject, o measure.Options) ([]report.Row, error) {
	runners := []measure.Runner{w.runner(w.own), w.runner(w.peer)}
	all, err := measure.Compare(ctx, runners, o)
	if err != nil {
		return nil, err
	}
	return compared(w.name, runners, all, w.goals), nil
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
