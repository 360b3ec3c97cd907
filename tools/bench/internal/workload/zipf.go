package workload

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/tools/bench/internal/subject"
)

const (
	zipfKeys = 10_000
	zipfSkew = 1.1 // about one call in six is for the first key
)

// zipf measures goroutines that use a few keys often and most keys rarely, as programs
// do: in a Map, in a map of mutexes, and in a map under one mutex.
func zipf() Workload {
	return versus{
		name:  fmt.Sprintf("Map, %d goroutines, zipf over %s keys", keyUsers, thousands(zipfKeys)),
		batch: keyUsers * 100,
		goals: goals{lockedMap: {most: 1.2}},
		own: zipfSide("desync map", func() (func(int, func(*subject.State)), func() int) {
			m := desync.NewMap(func(int) subject.State { return subject.State{} })
			do := func(key int, job func(*subject.State)) { m.At(key).Do(job) }
			return do, func() (ran int) {
				m.Range(func(_ int, s *subject.State) bool {
					ran += s.Ran
					return true
				})
				return ran
			}
		}),
		peers: []side{
			zipfSide(lockedMap, func() (func(int, func(*subject.State)), func() int) {
				m := new(lockMap)
				return m.do, m.ran
			}),
			zipfSide("map under one mutex", func() (func(int, func(*subject.State)), func() int) {
				m := &oneLockMap{of: map[int]*subject.State{}}
				return m.do, m.ran
			}),
		},
	}
}

func zipfSide(name string, open func() (do func(key int, job func(*subject.State)), ran func() int)) side {
	return side{name, func(n int) (func(), func() []int) {
		do, ran := open()
		drawn := make([][]int, keyUsers)
		for user := range drawn {
			// The same keys for all sides.
			z := rand.NewZipf(rand.New(rand.NewPCG(1, uint64(user))), zipfSkew, 1, zipfKeys-1)
			for range n / keyUsers {
				drawn[user] = append(drawn[user], int(z.Uint64()))
			}
		}
		var seen atomic.Int64
		run := func() {
			together(func(user int) {
				mine := 0
				for i, key := range drawn[user] {
					do(key, func(s *subject.State) {
						s.Ran++
						s.Last = i
						mine++
					})
				}
				seen.Add(int64(mine))
			})
		}
		return run, func() []int { return []int{int(seen.Load()), ran()} }
	}}
}

// oneLockMap is a map and its data under one mutex.
type oneLockMap struct {
	mu sync.Mutex
	of map[int]*subject.State
}

func (m *oneLockMap) do(key int, job func(*subject.State)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.of[key]
	if s == nil {
		s = new(subject.State)
		m.of[key] = s
	}
	job(s)
}

// ran may be called only when nobody uses the map.
func (m *oneLockMap) ran() (ran int) {
	for _, s := range m.of {
		ran += s.Ran
	}
	return ran
}
