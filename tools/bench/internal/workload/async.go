package workload

import (
	"fmt"
	"sync"

	"github.com/go-desync/go-desync/tools/bench/internal/subject"
)

// burst is how many jobs all producers together hand over before it is waited
// until they have run. Without that a producer would run away from an object that
// has no bound, and the growth of the queue would be all that is measured. With a
// goroutine per job it stays below the 8,128 that the race detector can follow.
const burst = 8_000

// async is a number of producers that hand over the same job again and again, burst
// after burst. The limit is the goal against the channel actor.
func async(producers int, limit float64) Workload {
	return handOver("Async and drain, "+count(producers, "producer"), producers, subject.Asyncer.Repeat,
		map[string]float64{subject.ActorName: limit})
}

// asyncClosures is the same with one producer and a closure made for each job. What
// that costs is the caller's and the same for all.
func asyncClosures() Workload {
	return handOver("Async and drain, a closure per job", 1, subject.Asyncer.Async, nil)
}

func handOver(name string, producers int, send func(a subject.Asyncer, n int), goals map[string]float64) Workload {
	return timed{
		name:  name,
		batch: burst,
		jobs:  1,
		bind: func(o subject.Object) func(n int) func() error {
			a, ok := o.(subject.Asyncer)
			if !ok {
				return nil
			}
			return func(n int) func() error {
				return func() error {
					for sent := 0; sent < n; sent += burst {
						produce(a, producers, send)
						if err := counted(o.Wait(), sent+burst); err != nil {
							return err
						}
					}
					return nil
				}
			}
		},
		goals: goals,
	}
}

// produce hands over one burst, of which each producer has the same part.
func produce(a subject.Asyncer, producers int, send func(a subject.Asyncer, n int)) {
	if producers == 1 {
		send(a, burst)
		return
	}
	var all sync.WaitGroup
	for range producers {
		all.Go(func() { send(a, burst/producers) })
	}
	all.Wait()
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
