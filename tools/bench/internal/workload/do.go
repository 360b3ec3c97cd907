package workload

import "github.com/go-desync/go-desync/tools/bench/internal/subject"

// uncontendedDo measures one goroutine that uses an object alone.
func uncontendedDo() Workload {
	return timed{
		name:  "Do",
		batch: 1,
		jobs:  1,
		needs: subject.Do,
		bind: func(o subject.Object) func(n int) func() error {
			d := o.(subject.Doer)
			return func(n int) func() error {
				return func() error { return answered(d.Do(n), n) }
			}
		},
		goals:     goals{subject.MutexName: {most: 1.1}},
		allocFree: true,
	}
}
