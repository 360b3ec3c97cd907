package workload

import (
	"fmt"
	"sync"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/tools/bench/internal/subject"
)

const plainObjects = "plain objects"

// keyUsers is how many goroutines there are, each with a key of its own.
const keyUsers = 8

// keyed measures what a Map costs: it compares goroutines that use a key of one
// Map each with goroutines that use an object each. The keys exist before the
// clock starts. Each job calls work on a number.
func keyed(what string, work func(uint64) uint64, g goals) Workload {
	type data struct {
		subject.State
		x uint64
	}
	return versus{
		name:  fmt.Sprintf("Map, %d goroutines on distinct keys, %s", keyUsers, what),
		batch: keyUsers,
		goals: g,
		own: side{"desync map", func(n int) (func(), func() []int) {
			m := desync.NewMap(func(int) data { return data{} })
			for key := range keyUsers {
				m.At(key).Do(func(*data) {})
			}
			run := func() {
				together(func(key int) {
					for i := range n / keyUsers {
						m.At(key).Do(func(d *data) {
							d.Ran++
							d.Last = i
							d.x = work(d.x)
						})
					}
				})
			}
			return run, func() []int {
				ran := 0
				m.Range(func(_ int, d *data) bool {
					ran += d.Ran
					return true
				})
				return []int{ran}
			}
		}},
		peers: []side{{plainObjects, func(n int) (func(), func() []int) {
			objects := make([]*desync.Desync[data], keyUsers)
			for key := range objects {
				objects[key] = desync.New(data{})
			}
			run := func() {
				together(func(key int) {
					for i := range n / keyUsers {
						objects[key].Do(func(d *data) {
							d.Ran++
							d.Last = i
							d.x = work(d.x)
						})
					}
				})
			}
			return run, func() []int {
				ran := 0
				for _, o := range objects {
					o.Do(func(d *data) { ran += d.Ran })
				}
				return []int{ran}
			}
		}}},
	}
}

// together runs use for each key, each on a goroutine of its own.
func together(use func(key int)) {
	var all sync.WaitGroup
	for key := range keyUsers {
		all.Go(func() { use(key) })
	}
	all.Wait()
}

// spinSteps take about a microsecond.
const spinSteps = 700

func spin(x uint64) uint64 { return steps(x, spinSteps) }

// steps calculates; each step needs the result of the one before.
func steps(x uint64, n int) uint64 {
	for range n {
		x = x*6364136223846793005 + 1442695040888963407
	}
	return x
}
