package workload

import (
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/go-desync/go-desync/desync"
)

// seldom is the number of operations for each write of the published value.
const seldom = 1_000

// status is the published value: a few words, as for a status page.
type status struct{ at, again int }

func (s status) whole() bool { return s.at == s.again }

// publishedRead measures one goroutine that reads a published value, against the atomic
// pointer that one would use instead.
func publishedRead() Workload {
	reads := func(name string, read func() status) side {
		return side{name, func(n int) (func(), func() []int) {
			seen := 0
			run := func() {
				for range n {
					if read().whole() {
						seen++
					}
				}
			}
			return run, func() []int { return []int{seen} }
		}}
	}
	_, p := desync.NewPublished(status{1, 1}, func(s *status) status { return *s })
	var pointer atomic.Pointer[status]
	pointer.Store(&status{1, 1})
	return versus{
		name:   "published value, read",
		batch:  1,
		own:    reads("desync", p.Load),
		peers:  []side{reads("atomic.Pointer", func() status { return *pointer.Load() })},
		goals:  goals{"atomic.Pointer": {most: 1.2}},
		allocs: new(0.0),
	}
}

// seldomWritten measures goroutines that read a few words, and write them one time in a
// thousand.
func seldomWritten() Workload {
	return versus{
		name:  fmt.Sprintf("published value, %d goroutines, 1 write in %s", keyUsers, thousands(seldom)),
		batch: keyUsers * seldom,
		own: seldomSide("desync", func() (func() status, func(), func() int) {
			d, p := desync.NewPublished(status{}, func(s *status) status { return *s })
			return p.Load, func() {
				d.Do(func(s *status) {
					s.at++
					s.again++
				})
			}, func() int { return p.Load().at }
		}),
		peers: []side{seldomSide("RWMutex", func() (func() status, func(), func() int) {
			var mu sync.RWMutex
			var s status
			read := func() status {
				mu.RLock()
				defer mu.RUnlock()
				return s
			}
			write := func() {
				mu.Lock()
				defer mu.Unlock()
				s.at++
				s.again++
			}
			return read, write, func() int { return s.at }
		})},
		goals: goals{"RWMutex": {most: 0.5}},
	}
}

// seldomSide itself counts the reads that found a consistent value; written tells it
// the number of writes.
func seldomSide(name string, open func() (read func() status, write func(), written func() int)) side {
	return side{name, func(n int) (func(), func() []int) {
		read, write, written := open()
		var reads atomic.Int64
		run := func() {
			together(func(int) {
				whole := 0
				for i := range n / keyUsers {
					if i%seldom == 0 {
						write()
					} else if read().whole() {
						whole++
					}
				}
				reads.Add(int64(whole))
			})
		}
		return run, func() []int { return []int{int(reads.Load()) + written()} }
	}}
}
