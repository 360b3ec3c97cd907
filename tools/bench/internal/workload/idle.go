package workload

import (
	"math"
	"reflect"
	"runtime"
	"time"

	"github.com/go-desync/go-desync/tools/bench/internal/measure"
	"github.com/go-desync/go-desync/tools/bench/internal/report"
	"github.com/go-desync/go-desync/tools/bench/internal/subject"
)

const (
	idleObjects = 8_000
	few         = 50
	idleBytes   = 40 // the goal, beyond the state itself
)

// idle weighs many objects that have each run a job and now have nothing to do.
func idle() Workload {
	const name = "idle object"
	return weighed{
		name:  name,
		needs: subject.Async,
		rough: 600 * time.Millisecond,
		sides: subjects(subject.Async, weighIdle),
		rows: func(all []measure.Series) (rows []report.Row) {
			mine := all[0]
			for _, theirs := range all[1:] {
				size := report.Row{
					Workload: name, Against: theirs.Name, Unit: report.Bytes,
					Own: math.Round(measure.Quartiles(mine.Values).Median), Peer: math.Round(measure.Quartiles(theirs.Values).Median),
					Samples: &report.Samples{Own: mine.Values, Peer: theirs.Values},
				}
				live := report.Row{
					Workload: name, Against: theirs.Name, Unit: report.Goroutines,
					Own: round(measure.Quartiles(mine.Goroutines).Median), Peer: round(measure.Quartiles(theirs.Goroutines).Median),
					Samples: &report.Samples{Own: mine.Goroutines, Peer: theirs.Goroutines},
				}
				if theirs.Name == subject.ActorName {
					size.Goal = report.OwnGoal(size, idleBytes)
					live.Goal = report.OwnGoal(live, 0)
				}
				rows = append(rows, size, live)
			}
			return rows
		},
	}
}

func weighIdle(s subject.Subject, o measure.Options) (weight, error) {
	objects := make([]subject.Object, o.Shrunk(idleObjects, few))
	before := settle()
	for i := range objects {
		o := s.New()
		objects[i] = o
		if a, ok := o.(subject.Asyncer); ok {
			a.Async(1)
			if err := counted(o.Wait(), 1); err != nil {
				return weight{}, err
			}
			runtime.Gosched()
		}
		// Let goroutines end before there are many: the runtime keeps the
		// descriptor of each, which would count as memory of the objects.
		if i%few == 0 {
			calm(3)
		}
	}
	after := settle()
	if err := ordered(s, objects[0]); err != nil {
		return weight{}, err
	}
	for _, o := range objects {
		o.Close()
	}
	each := float64(len(objects))
	return weight{
		bytes:      float64(after.bytes-before.bytes)/each - stateSize(),
		goroutines: float64(after.goroutines-before.goroutines) / each,
	}, nil
}

// stateSize is the size of the data itself.
func stateSize() float64 { return float64(reflect.TypeFor[subject.State]().Size()) }
