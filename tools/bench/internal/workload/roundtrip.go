package workload

import "github.com/go-desync/go-desync/tools/bench/internal/subject"

// roundTrip measures a background job, followed by a job whose caller waits.
func roundTrip() Workload {
	return timed{
		name:  "Async then Sync",
		batch: 1,
		jobs:  2,
		needs: subject.RoundTrip,
		bind: func(o subject.Object) func(n int) func() error {
			r := o.(subject.RoundTripper)
			return func(n int) func() error {
				return func() error { return answered(r.RoundTrip(n), n) }
			}
		},
		goals: goals{subject.ActorName: {most: 0.2}},
	}
}
