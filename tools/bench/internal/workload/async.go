package workload

import (
	"fmt"
	"sync"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/tools/bench/internal/report"
	"github.com/go-desync/go-desync/tools/bench/internal/subject"
)

// burst is the number of jobs that all producers together hand over before they wait
// until the jobs have run. Without the wait, the queue of an object without a bound
// would grow and grow, and the workload would measure only that. The number is below
// the 8,128 goroutines that the race detector can follow, for a goroutine per job.
const burst = 8_000

// async measures a number of producers that hand over the same job again and again,
// burst after burst.
func async(producers int, g goals) Workload {
	w := handOver("Async and drain, "+count(producers, "producer"), producers, subject.Asyncer.Repeat, g)
	w.line = report.Line{Name: "Async and drain", Of: "producers", At: producers}
	// With more, each burst starts goroutines: those of the producers, not of Desync.
	w.allocFree = producers == 1
	return w
}

// waiting is async with another number of jobs that may wait at once. It is compared
// only with the channel actor, where no more jobs than the capacity of the channel
// can wait.
func waiting(jobs, producers int, g goals) Workload {
	what := fmt.Sprintf("Async and drain, %s waiting, %s", thousands(jobs), count(producers, "producer"))
	jobs -= jobs % producers
	most := someRounds
	if jobs > 10*burst {
		most = 10 // a run of so many jobs is long by itself
	}
	from := func(s subject.Subject) side {
		return side{s.Name(), func(n int) (func(), func() []int) {
			o := s.New()
			var ran int
			run := func() {
				for sent := 0; sent < n; sent += min(jobs, n) {
					produce(o.(subject.Asyncer), min(jobs, n), producers, subject.Asyncer.Repeat)
					ran = o.Wait()
				}
			}
			return run, func() []int {
				o.Close()
				return []int{ran}
			}
		}}
	}
	return versus{
		name:  what,
		batch: jobs,
		least: burst,
		most:  most,
		line:  report.Line{Name: "Async and drain, " + count(producers, "producer"), Of: "jobs waiting", At: jobs},
		own:   from(subject.Desync{}),
		peers: []side{from(subject.Actor{})},
		goals: g,
	}
}

// asyncClosures is async with one producer and a new closure for each job. The caller
// pays for the closure, and it costs the same with all subjects.
func asyncClosures() Workload {
	return handOver("Async and drain, a closure per job", 1, subject.Asyncer.Async, nil)
}

// asyncBeside compares, for one producer, data of one word with data whose changing
// words are a cache line away from the object's lock.
func asyncBeside() Workload {
	return versus{
		name:  "Async and drain, data in the lock's line",
		batch: burst,
		own:   repeated("desync, a word", func(ran *int) { *ran++ }, func(ran *int) int { return *ran }),
		peers: []side{repeated("data a line away", func(s *subject.State) { s.Ran++ }, func(s *subject.State) int { return s.Ran })},
	}
}

func repeated[T any](name string, job func(*T), ran func(*T) int) side {
	return side{name, func(n int) (func(), func() []int) {
		d := new(desync.Desync[T])
		run := func() {
			for sent := 0; sent < n; sent += burst {
				for range burst {
					d.Async(job)
				}
				d.Do(func(*T) {})
			}
		}
		return run, func() []int { return []int{d.Sync(ran)} }
	}}
}

func handOver(name string, producers int, send func(a subject.Asyncer, n int), g goals) timed {
	return timed{
		name:  name,
		batch: burst,
		jobs:  1,
		needs: subject.Async,
		bind: func(o subject.Object) func(n int) func() error {
			a := o.(subject.Asyncer)
			return func(n int) func() error {
				return func() error {
					for sent := 0; sent < n; sent += burst {
						produce(a, burst, producers, send)
						if err := counted(o.Wait(), sent+burst); err != nil {
							return err
						}
					}
					return nil
				}
			}
		},
		goals: g,
	}
}

// produce hands over some jobs; each producer hands over the same number.
func produce(a subject.Asyncer, jobs, producers int, send func(a subject.Asyncer, n int)) {
	if producers == 1 {
		send(a, jobs)
		return
	}
	var all sync.WaitGroup
	for range producers {
		all.Go(func() { send(a, jobs/producers) })
	}
	all.Wait()
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
