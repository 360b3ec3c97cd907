package workload

import (
	"math"
	"runtime"
	"sync"
	"time"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/tools/bench/internal/measure"
	"github.com/go-desync/go-desync/tools/bench/internal/report"
	"github.com/go-desync/go-desync/tools/bench/internal/subject"
)

const (
	keys     = 100_000
	keyBytes = 112 // the goal, beyond its data
)

// perKey weighs an idle key that has run a job, beyond its data: in a Map, and in a
// plain map as one would write it instead.
func perKey() Workload {
	const name = "memory of a key"
	return weighed{
		name:  name,
		rough: time.Second,
		sides: func([]subject.Subject) []scale {
			return []scale{
				keyScale("desync map", mapOfKeys),
				keyScale(lockedMap, mapOfMutexes),
			}
		},
		rows: func(all []measure.Series) []report.Row {
			return values(name, report.BytesPerKey, all, func(r report.Row) *report.Goal { return report.OwnGoal(r, keyBytes) })
		},
	}
}

// keyScale weighs the memory that fill leaves behind. fill uses n keys and returns a
// function that keeps them alive and returns how many jobs have run.
func keyScale(name string, fill func(n int) (ran func() int)) scale {
	return scale{name, func(o measure.Options) (weight, error) {
		n := o.Shrunk(keys, few)
		before := settle()
		ran := fill(n)
		after := settle()
		got := weight{bytes: math.Round(float64(after.bytes-before.bytes)/float64(n) - stateSize())}
		err := counted(ran(), n)
		runtime.KeepAlive(ran)
		return got, err
	}}
}

func mapOfKeys(n int) (ran func() int) {
	m := desync.NewMap(func(int) subject.State { return subject.State{} })
	for key := range n {
		m.At(key).Do(func(s *subject.State) { s.Ran++ })
	}
	return func() (ran int) {
		m.Range(func(_ int, s *subject.State) bool {
			ran += s.Ran
			return true
		})
		return ran
	}
}

func mapOfMutexes(n int) (ran func() int) {
	var m lockMap
	for key := range n {
		m.do(key, func(s *subject.State) { s.Ran++ })
	}
	return m.ran
}

const lockedMap = "map of mutexes"

// lockMap is the usual map of mutexes: each object has a mutex, and the map has one.
type lockMap struct {
	mu sync.Mutex
	of map[int]*locked
}

func (m *lockMap) get(key int) *locked {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.of[key]
	if l == nil {
		if m.of == nil {
			m.of = map[int]*locked{}
		}
		l = new(locked)
		m.of[key] = l
	}
	return l
}

func (m *lockMap) do(key int, job func(*subject.State)) {
	m.get(key).do(job)
}

// ran may be called only when nobody uses the map.
func (m *lockMap) ran() (ran int) {
	for _, l := range m.of {
		ran += l.s.Ran
	}
	return ran
}
