// Package workload holds what the subjects are put to. One file is one workload.
package workload

import (
	"context"

	"github.com/go-desync/go-desync/tools/bench/internal/measure"
	"github.com/go-desync/go-desync/tools/bench/internal/report"
	"github.com/go-desync/go-desync/tools/bench/internal/subject"
)

// A Workload compares one subject with others.
type Workload interface {
	Name() string

	// Measure returns the figures of own against each of the peers that can
	// do the work. It returns an error, and no figures, if a run was wrong or
	// ctx has ended.
	Measure(ctx context.Context, own subject.Subject, peers []subject.Subject, o measure.Options) ([]report.Row, error)
}

// All returns the workloads in the order in which they are to run.
func All() []Workload {
	return []Workload{
		// First, because the runtime keeps the descriptors of goroutines that
		// have ended and later ones would seem to need none.
		idle{},
		uncontendedDo(),
		uncontendedSync(),
		async(1, 0.5),
		async(2, 0.6),
		async(8, 1.0),
		asyncClosures(),
		asyncBeside(),
		roundTrip(),
		contendedDo(8),
		contendedDo(64),
		contendedDo(1000),
		await(),
		keyed("1 µs of work", spin, map[string]float64{plainObjects: 1.25}),
		keyed("no work", func(x uint64) uint64 { return x }, nil),
		doContext(),
		optionsDo(),
		sync2(),
	}
}
