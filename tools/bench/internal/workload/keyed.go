package workload

import (
	"fmt"
	"sync"

	"github.com/puzpuzpuz/xsync/v4"

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

const (
	stepKeys = 1_000

	syncMap      = "sync.Map and a mutex"
	xsyncMap     = "xsync Map.Compute"
	xsyncPointer = "xsync Map.Compute, pointers"
)

// keyStep measures a step on one of many keys that are there, by one goroutine, with what
// people use for it: a sync.Map with a mutex for each key; Compute of an xsync.Map, which
// runs the step with the lock of a few keys held. Compute replaces the data by a copy, so
// there it is only a number; or the data is a pointer, which Compute leaves as it is. Plain
// objects show what the look-up costs.
func keyStep() Workload {
	return versus{
		name:   fmt.Sprintf("Map, 1 goroutine, %s keys", thousands(stepKeys)),
		batch:  stepKeys,
		goals:  goals{syncMap: {most: 1.2}, xsyncMap: {most: 0.9}, plainObjects: {most: 2.1}},
		allocs: new(0.0),
		own: side{"desync map", func(n int) (func(), func() []int) {
			m := desync.NewMap(func(int) subject.State { return subject.State{} })
			for key := range stepKeys {
				m.At(key).Do(func(*subject.State) {})
			}
			run := func() {
				for i := range n {
					m.At(i % stepKeys).Do(func(s *subject.State) {
						s.Ran++
						s.Last = i
					})
				}
			}
			return run, func() []int {
				ran := 0
				m.Range(func(_ int, s *subject.State) bool {
					ran += s.Ran
					return true
				})
				return []int{ran}
			}
		}},
		peers: []side{
			{syncMap, func(n int) (func(), func() []int) {
				var m sync.Map
				for key := range stepKeys {
					m.Store(key, new(locked))
				}
				run := func() {
					for i := range n {
						l, _ := m.Load(i % stepKeys)
						l.(*locked).do(func(s *subject.State) {
							s.Ran++
							s.Last = i
						})
					}
				}
				return run, func() []int {
					ran := 0
					m.Range(func(_, l any) bool {
						ran += l.(*locked).s.Ran
						return true
					})
					return []int{ran}
				}
			}},
			{xsyncMap, func(n int) (func(), func() []int) {
				m := xsync.NewMap[int, int]()
				for key := range stepKeys {
					m.Store(key, 0)
				}
				run := func() {
					for i := range n {
						m.Compute(i%stepKeys, func(ran int, _ bool) (int, xsync.ComputeOp) {
							return ran + 1, xsync.UpdateOp
						})
					}
				}
				return run, func() []int {
					all := 0
					for _, ran := range m.All() {
						all += ran
					}
					return []int{all}
				}
			}},
			{xsyncPointer, func(n int) (func(), func() []int) {
				m := xsync.NewMap[int, *subject.State]()
				for key := range stepKeys {
					m.Store(key, new(subject.State))
				}
				run := func() {
					for i := range n {
						m.Compute(i%stepKeys, func(s *subject.State, _ bool) (*subject.State, xsync.ComputeOp) {
							s.Ran++
							s.Last = i
							return s, xsync.CancelOp
						})
					}
				}
				return run, func() []int {
					ran := 0
					for _, s := range m.All() {
						ran += s.Ran
					}
					return []int{ran}
				}
			}},
			{plainObjects, func(n int) (func(), func() []int) {
				objects := make([]*desync.Desync[subject.State], stepKeys)
				for key := range objects {
					objects[key] = desync.New(subject.State{})
				}
				run := func() {
					for i := range n {
						objects[i%stepKeys].Do(func(s *subject.State) {
							s.Ran++
							s.Last = i
						})
					}
				}
				return run, func() []int {
					ran := 0
					for _, o := range objects {
						ran += ranOf(o)
					}
					return []int{ran}
				}
			}},
		},
	}
}

func (l *locked) do(job func(*subject.State)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	job(&l.s)
}
