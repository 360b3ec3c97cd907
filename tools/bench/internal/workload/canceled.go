package workload

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/go-desync/go-desync/tools/bench/internal/subject"
)

const givingUp = 64 // goroutines that give up at once

// canceled measures goroutines that wait for an object that is held, and give up when the
// context that they share ends.
func canceled() Workload {
	return timed{
		name:  fmt.Sprintf("canceled waiting, %d goroutines", givingUp),
		batch: givingUp,
		jobs:  0,
		needs: subject.Cancel,
		bind: func(o subject.Object) func(n int) func() error {
			c := o.(subject.Canceler)
			return func(n int) func() error {
				release := o.(subject.Doer).Hold()
				return func() error {
					var ran atomic.Int64
					for range n / givingUp {
						ctx, cancel := context.WithCancel(context.Background())
						var coming, all sync.WaitGroup
						coming.Add(givingUp)
						for range givingUp {
							all.Go(func() {
								coming.Done()
								if c.DoUntil(ctx) {
									ran.Add(1)
								}
							})
						}
						coming.Wait()
						cancel()
						all.Wait()
					}
					release()
					if ran := ran.Load(); ran > 0 {
						return fmt.Errorf("%d jobs ran on an object that was held", ran)
					}
					return nil
				}
			}
		},
	}
}
