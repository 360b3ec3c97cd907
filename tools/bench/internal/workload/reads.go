package workload

import (
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/tools/bench/internal/subject"
)

const readsPerWrite = 9

// mostlyRead measures the work that an RWMutex is made for: goroutines that read for
// about a microsecond, and write one time in ten. Jobs that only read take turns like
// all others.
func mostlyRead() Workload {
	return versus{
		name:  fmt.Sprintf("mostly read, %d goroutines", keyUsers),
		batch: keyUsers * (readsPerWrite + 1),
		own: side{"desync", func(n int) (func(), func() []int) {
			d := desync.New(subject.State{})
			return readAndWrite(n,
				func(job func(*subject.State)) { d.Do(job) },
				func(job func(*subject.State)) { d.Do(job) },
				func() int { return ranOf(d) })
		}},
		peers: []side{{"RWMutex", func(n int) (func(), func() []int) {
			var mu sync.RWMutex
			var s subject.State
			return readAndWrite(n,
				func(job func(*subject.State)) {
					mu.RLock()
					defer mu.RUnlock()
					job(&s)
				},
				func(job func(*subject.State)) {
					mu.Lock()
					defer mu.Unlock()
					job(&s)
				},
				func() int { return s.Ran })
		}}},
	}
}

// readAndWrite prepares n operations. It counts the reads itself, since a read changes
// nothing.
func readAndWrite(n int, read, write func(job func(*subject.State)), ran func() int) (run func(), all func() []int) {
	var reads atomic.Int64
	run = func() {
		together(func(int) {
			x, mine := uint64(0), 0
			for i := range n / keyUsers {
				if i%(readsPerWrite+1) == 0 {
					write(func(s *subject.State) {
						s.Ran++
						s.Last = i
					})
					continue
				}
				read(func(s *subject.State) {
					x = spin(x + uint64(s.Last))
					mine++
				})
			}
			reads.Add(int64(mine))
		})
	}
	return run, func() []int { return []int{int(reads.Load()) + ran()} }
}
