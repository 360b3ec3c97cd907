// Package workload holds the workloads by which the subjects are compared. Each file
// is one workload.
package workload

import (
	"context"
	"time"

	"github.com/go-desync/go-desync/tools/bench/internal/measure"
	"github.com/go-desync/go-desync/tools/bench/internal/report"
	"github.com/go-desync/go-desync/tools/bench/internal/subject"
)

// A Workload compares one subject with others.
type Workload interface {
	Name() string

	// Measure compares own with each of the peers that can do the work. It returns
	// an error, and no figures, if a run was wrong or ctx has ended.
	Measure(ctx context.Context, own subject.Subject, peers []subject.Subject, o measure.Options) ([]report.Row, error)

	// LeftOut returns the peers that cannot do the work, and why.
	LeftOut(peers []subject.Subject, o measure.Options) []report.Omission

	// Rough returns about how long Measure takes.
	Rough(peers []subject.Subject, o measure.Options) time.Duration
}
