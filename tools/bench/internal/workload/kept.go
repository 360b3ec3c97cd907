package workload

import (
	"runtime"
	"time"

	"github.com/go-desync/go-desync/tools/bench/internal/measure"
	"github.com/go-desync/go-desync/tools/bench/internal/report"
	"github.com/go-desync/go-desync/tools/bench/internal/subject"
)

const (
	keptBurst = 1_000_000
	keptBytes = 64 << 10 // the goal
)

// kept weighs the memory that is still in use after a burst of jobs, all queued at once,
// has run and the garbage has been collected once.
func kept() Workload {
	const name = "kept after a burst of 1,000,000 jobs"
	return weighed{
		name:  name,
		needs: subject.Unbounded,
		rough: 2 * time.Second,
		sides: subjects(subject.Unbounded, weighKept),
		rows: func(all []measure.Series) []report.Row {
			return values(name, report.Kept, all, func(r report.Row) *report.Goal { return report.OwnGoal(r, keptBytes) })
		},
	}
}

func weighKept(s subject.Subject, o measure.Options) (weight, error) {
	n := o.Shrunk(keptBurst, 1_000)
	object := s.New()
	defer object.Close()
	object.Wait() // memory that the first use allocates for good must not count
	before := settle()

	gate := make(chan struct{})
	object.Give(func(*subject.State) { <-gate })
	object.(subject.Asyncer).Repeat(n)
	close(gate)
	if err := counted(object.Wait(), n); err != nil {
		return weight{}, err
	}

	goroutines := calm(20)
	runtime.GC()
	after := used(goroutines)
	return weight{
		bytes:      float64(max(0, after.bytes-before.bytes)),
		goroutines: float64(after.goroutines - before.goroutines),
	}, ordered(s, object)
}
