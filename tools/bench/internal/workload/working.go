package workload

import (
	"context"
	"fmt"
	"sync"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/tools/bench/internal/report"
	"github.com/go-desync/go-desync/tools/bench/internal/subject"
)

const mutexAndAllocation = "mutex and an allocation"

// worked is data that jobs calculate with.
type worked struct {
	subject.State
	x uint64
}

// contendedWork measures goroutines that all use the same object, with jobs that
// calculate for about half a microsecond.
func contendedWork(goroutines int, g goals) Workload {
	job := func(w *worked, i int) {
		w.Ran++
		w.Last = i
		w.x = steps(w.x, spinSteps/2)
	}
	return rushed("contended Do, half a µs of work", goroutines, g,
		rushSide("desync", goroutines, func() crowded {
			d := new(desync.Desync[worked])
			return onDesync(d, func(n int) (ran int) {
				for i := range n {
					d.Do(func(w *worked) {
						job(w, i)
						ran++
					})
				}
				return ran
			})
		}),
		rushSide(subject.MutexName, goroutines, func() crowded {
			l := new(guarded[worked])
			return onMutex(l, func(n int) (ran int) {
				for i := range n {
					l.do(func(w *worked) {
						job(w, i)
						ran++
					})
				}
				return ran
			})
		}))
}

// contendedContext measures goroutines that all use the same object by DoContext, with a
// context that could end. The job of the mutex makes a context that records what is held
// and lets it escape, since DoContext must allocate at least that.
func contendedContext(goroutines int, g goals) Workload {
	return rushed("contended DoContext", goroutines, g,
		rushSide("desync DoContext", goroutines, func() crowded {
			d := new(desync.Desync[worked])
			return onDesync(d, func(n int) (ran int) {
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				for i := range n {
					err := d.DoContext(ctx, func(_ context.Context, w *worked) error {
						w.Ran++
						w.Last = i
						return nil
					})
					if err == nil {
						ran++
					}
				}
				return ran
			})
		}),
		rushSide(mutexAndAllocation, goroutines, func() crowded {
			l := new(guarded[worked])
			return onMutex(l, func(n int) (ran int) {
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				var last context.Context
				for i := range n {
					l.do(func(w *worked) {
						last = &heldContext{ctx, l}
						w.Ran++
						w.Last = i
						ran++
					})
				}
				if last == nil {
					return 0
				}
				return ran
			})
		}))
}

func rushed(what string, goroutines int, g goals, own, peer side) Workload {
	return versus{
		name:  fmt.Sprintf("%s, %s", what, count(goroutines, "goroutine")),
		batch: goroutines * turns,
		most:  someRounds,
		line:  report.Line{Name: what, Of: "goroutines", At: goroutines},
		own:   own,
		peers: []side{peer},
		goals: g,
	}
}

// crowded is an object for a rush.
type crowded struct {
	hold func() (release func())
	call func(n int) (ran int) // makes n calls
	ran  func() int            // how many jobs have run
}

func rushSide(name string, goroutines int, open func() crowded) side {
	return side{name, func(n int) (func(), func() []int) {
		c := open()
		seen := 0
		work := rush(goroutines, c.hold, func() int { return c.call(n / goroutines) })
		return func() { seen = work() }, func() []int { return []int{seen, c.ran()} }
	}}
}

func onDesync(d *desync.Desync[worked], call func(n int) int) crowded {
	return crowded{
		hold: func() (release func()) {
			begun, gate := make(chan struct{}), make(chan struct{})
			go d.Do(func(*worked) {
				close(begun)
				<-gate
			})
			<-begun
			return func() { close(gate) }
		},
		call: call,
		ran:  func() int { return d.Sync(func(w *worked) int { return w.Ran }) },
	}
}

func onMutex(l *guarded[worked], call func(n int) int) crowded {
	return crowded{
		hold: func() (release func()) {
			l.mu.Lock()
			return l.mu.Unlock
		},
		call: call,
		ran:  func() int { return l.data.Ran },
	}
}

// guarded is data with a mutex.
type guarded[T any] struct {
	mu   sync.Mutex
	data T
}

func (l *guarded[T]) do(job func(*T)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	job(&l.data)
}
