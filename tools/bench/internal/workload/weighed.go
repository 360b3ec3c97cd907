package workload

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/go-desync/go-desync/tools/bench/internal/measure"
	"github.com/go-desync/go-desync/tools/bench/internal/report"
	"github.com/go-desync/go-desync/tools/bench/internal/subject"
)

// weighed is a workload whose memory is measured. Each side is measured in processes
// of its own.
type weighed struct {
	name  string
	needs subject.Ability // if the sides are subjects
	rough time.Duration   // of one side
	sides func(all []subject.Subject) []scale
	rows  func(all []measure.Series) []report.Row
}

// scale is a side that can be weighed.
type scale struct {
	name  string
	weigh func(o measure.Options) (weight, error)
}

func (s scale) Name() string { return s.name }

// weight is the memory and the number of goroutines that an object takes, or that are
// kept.
type weight struct {
	bytes      float64
	goroutines float64
}

// subjects returns the sides of a workload that weighs all subjects with an ability.
func subjects(needs subject.Ability, weigh func(s subject.Subject, o measure.Options) (weight, error)) func(all []subject.Subject) []scale {
	return func(all []subject.Subject) (sides []scale) {
		for _, s := range able(all, needs) {
			sides = append(sides, scale{s.Name(), func(o measure.Options) (weight, error) { return weigh(s, o) }})
		}
		return sides
	}
}

func (w weighed) Name() string { return w.name }

func (w weighed) LeftOut(peers []subject.Subject, _ measure.Options) []report.Omission {
	return leftOut(w.name, w.needs, peers)
}

func (w weighed) Rough(peers []subject.Subject, o measure.Options) time.Duration {
	return w.rough * time.Duration(max(o.Children, 1)*(1+len(w.sides(peers))))
}

func (w weighed) Measure(ctx context.Context, own subject.Subject, peers []subject.Subject, o measure.Options) ([]report.Row, error) {
	subjects := append([]subject.Subject{own}, peers...)
	all, err := isolated(ctx, w, true, names(w.sides(subjects)), subjects, o)
	if err != nil {
		return nil, err
	}
	return w.rows(all), nil
}

func (w weighed) here(ctx context.Context, all []subject.Subject, t measure.Task) (series []measure.Series, err error) {
	sides, err := named(w.sides(all), t.Sides)
	if err != nil {
		return nil, err
	}
	startThreads()
	for _, s := range sides {
		got, err := measure.Watch(ctx, t.Options.Limit, func() (weight, error) { return s.weigh(t.Options) })
		if err != nil {
			if ctx.Err() == nil {
				err = fmt.Errorf("%s: %w", s.name, err)
			}
			return nil, err
		}
		series = append(series, measure.Series{
			Name: s.name, Operations: 1,
			Values: []float64{got.bytes}, Goroutines: []float64{got.goroutines},
		})
	}
	return series, nil
}

// startThreads makes the runtime start all threads that it will need: at most one for
// each processor, and some in system calls. Otherwise their stacks of 64 KB each would
// count as memory of the side.
func startThreads() {
	var ready, all sync.WaitGroup
	n := runtime.GOMAXPROCS(0) + 8
	ready.Add(n)
	for range n {
		all.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			ready.Done()
			ready.Wait() // on a thread that no other goroutine can use meanwhile
		})
	}
	all.Wait()
}

// usage is what the process uses: heap and stacks, and goroutines.
type usage struct {
	bytes      int64
	goroutines int
}

// settle waits for goroutines to end, collects the garbage, and returns the memory and
// goroutines in use.
func settle() usage {
	goroutines := calm(20)
	// Pools are empty after two collections.
	runtime.GC()
	runtime.GC()
	return used(goroutines)
}

func used(goroutines int) usage {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return usage{bytes: int64(m.HeapAlloc + m.StackInuse), goroutines: goroutines}
}

// calm waits until the number of goroutines has not changed for some milliseconds, but
// no longer than a second, and returns the number.
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
