//go:build desynchooks && !race

package desync

import (
	"sync"
	"testing"
	"testing/synctest"
)

// A drainer, or a Do that helps, that has the turn and has not begun a job counts none that
// runs.
func TestInterleavingsPendingBeforeTheFirstJob(t *testing.T) {
	for name, c := range map[string]struct {
		lock  point // where the one that gets the turn locks mu
		jobs  int   // by Async
		calls func(d *Desync[int])
		want  int
	}{
		"a drainer, one job":    {beginLock, 1, func(*Desync[int]) {}, 1},
		"a drainer, three jobs": {beginLock, 3, func(*Desync[int]) {}, 3},
		"a Do after one job":    {joinLock, 1, func(d *Desync[int]) { d.Do(func(*int) {}) }, 2},
		"a Do after three jobs": {joinLock, 3, func(d *Desync[int]) { d.Do(func(*int) {}) }, 4},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() { atPoint = func(point) {} }()
			synctest.Test(t, func(t *testing.T) {
				d := New(0)
				var mu sync.Mutex
				queued := make(chan struct{})
				locking := make(map[string]bool)
				seen := -1
				atPoint = func(p point) {
					mu.Lock()
					turn := locking[goid()]
					locking[goid()] = p == c.lock
					if p == unlocked && turn && seen < 0 {
						seen = d.Pending()
					}
					mu.Unlock()
					if p == beginLock {
						<-queued
					}
				}
				for range c.jobs {
					d.Async(func(*int) {})
				}
				synctest.Wait()
				c.calls(d)
				close(queued)
				synctest.Wait()
				if seen != c.want {
					t.Errorf("Pending returned %d; want %d", seen, c.want)
				}
			})
		})
	}
}
