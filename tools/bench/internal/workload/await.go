package workload

import "github.com/go-desync/go-desync/tools/bench/internal/subject"

// await measures a job whose result comes by a future, one job at a time.
func await() Workload {
	return timed{
		name:  "Future and Await",
		batch: 1,
		jobs:  1,
		needs: subject.Await,
		bind: func(o subject.Object) func(n int) func() error {
			a := o.(subject.Awaiter)
			return func(n int) func() error {
				return func() error { return answered(a.Await(n), n) }
			}
		},
		goals: goals{subject.GoroutineName: {most: 1.2, bound: subject.LeastQueueName}},
	}
}
