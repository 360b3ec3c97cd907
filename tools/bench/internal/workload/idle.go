package workload

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"runtime"
	"time"

	"github.com/go-desync/go-desync/tools/bench/internal/measure"
	"github.com/go-desync/go-desync/tools/bench/internal/report"
	"github.com/go-desync/go-desync/tools/bench/internal/subject"
)

const (
	idleObjects = 8_000 // actors, of which the race detector can follow 8,128
	few         = 50
	idleBytes   = 48 // the goal, beyond the state itself
)

// idle is many objects that have each run a job and now have nothing to do.
type idle struct{}

func (idle) Name() string { return "idle object" }

func (w idle) Measure(ctx context.Context, own subject.Subject, peers []subject.Subject, o measure.Options) ([]report.Row, error) {
	weigh := func(s subject.Subject) (weight, error) {
		got, err := measure.Watch(ctx, o.Limit, func() (weight, error) { return weighIdle(s) })
		if err != nil && ctx.Err() == nil {
			err = fmt.Errorf("%s: %w", s.Name(), err)
		}
		return got, err
	}
	mine, err := weigh(own)
	if err != nil {
		return nil, err
	}
	var rows []report.Row
	for _, p := range peers {
		theirs, err := weigh(p)
		if err != nil {
			return nil, err
		}
		size := report.Row{Workload: w.Name(), Against: p.Name(), Unit: report.Bytes, Own: mine.bytes, Peer: theirs.bytes}
		live := report.Row{Workload: w.Name(), Against: p.Name(), Unit: report.Goroutines, Own: mine.goroutines, Peer: theirs.goroutines}
		if p.Name() == subject.ActorName {
			size.Goal = report.OwnGoal(size, idleBytes)
			live.Goal = report.OwnGoal(live, 0)
		}
		rows = append(rows, size, live)
	}
	return rows, nil
}

// weight is what one object costs.
type weight struct {
	bytes      float64 // without those of its state
	goroutines float64
}

func weighIdle(s subject.Subject) (weight, error) {
	objects := make([]subject.Object, idleObjects)
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
		// Goroutines that have ended their work leave before there are many:
		// the runtime keeps the descriptor of each, and the objects would seem
		// to be larger.
		if i%few == 0 {
			calm(3)
		}
	}
	after := settle()
	for _, o := range objects {
		o.Close()
	}
	state := float64(reflect.TypeFor[subject.State]().Size())
	return weight{
		bytes:      math.Round(float64(after.bytes-before.bytes)/idleObjects - state),
		goroutines: round(float64(after.goroutines-before.goroutines) / idleObjects),
	}, nil
}

// usage is what the process uses: the heap with the stacks.
type usage struct {
	bytes      int64
	goroutines int
}

// settle returns what is used when goroutines have ended and the garbage is
// collected.
func settle() usage {
	goroutines := calm(20)
	// What pools keep is gone after two collections.
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return usage{bytes: int64(m.HeapAlloc + m.StackInuse), goroutines: goroutines}
}

// calm waits until the number of goroutines has been the same for so many
// milliseconds, but no longer than a second, and returns it.
func calm(milliseconds int) (goroutines int) {
	goroutines, same := runtime.NumGoroutine(), 0
	for i := 0; i < 1000 && same < milliseconds; i++ {
		time.Sleep(time.Millisecond)
		same++
		if n := runtime.NumGoroutine(); n != goroutines {
			goroutines, same = n, 0
		}
	}
	return goroutines
}
