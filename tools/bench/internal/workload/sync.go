package workload

import "github.com/go-desync/go-desync/tools/bench/internal/subject"

// uncontendedSync measures one goroutine that uses an object alone and needs
// results.
func uncontendedSync() Workload {
	return timed{
		name:  "Sync",
		batch: 1,
		jobs:  1,
		needs: subject.Sync,
		bind: func(o subject.Object) func(n int) func() error {
			s := o.(subject.Syncer)
			return func(n int) func() error {
				return func() error { return answered(s.Sync(n), n) }
			}
		},
		goals:     goals{subject.MutexName: {most: 1.1}},
		allocFree: true,
	}
}
