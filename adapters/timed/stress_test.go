package timed_test

import (
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/go-desync/go-desync/adapters/internal/bubbles"
	"github.com/go-desync/go-desync/adapters/timed"
	"github.com/go-desync/go-desync/desync"
)

const restarts = 100_000

// A Timer that is stopped and set again 100,000 times at the moment at which it fires: each
// setting either runs, or Stop or Reset has said that it does not.
func TestStoppedAndRestartedWhenItFires(t *testing.T) {
	n := restarts
	if testing.Short() {
		n /= 10
	}
	bubbles.Run(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(1, 2))
		d := desync.New(0)
		set, taken := 1, 0
		timer := timed.After(d, time.Millisecond, func(n *int) { *n++ })
		for i := range n {
			time.Sleep(time.Millisecond)
			for range random.IntN(3) { // further on its way, by some of them
				d.TryDo(func(*int) {})
			}
			if i%3 == 0 {
				d.Async(func(*int) {}) // it waits in the queue, for a moment
			}
			if random.IntN(2) == 0 && timer.Stop() {
				taken++
			}
			if timer.Reset(time.Millisecond) {
				taken++
			}
			set++
		}
		time.Sleep(time.Second)
		synctest.Wait()
		ran := d.Sync(func(n *int) int { return *n })
		assert.Equal(t, set, ran+taken, "settings that have run, and that were taken back")
		t.Logf("%d have run, %d were taken back", ran, taken)
	})
}

// The same with many goroutines on one Timer, in real time.
func TestManyStopAndRestart(t *testing.T) {
	d := desync.New(0)
	var mu sync.Mutex
	set, taken := 1, 0
	timer := timed.After(d, 0, func(n *int) { *n++ })
	var all sync.WaitGroup
	for g := range 4 {
		all.Go(func() {
			random := rand.New(rand.NewPCG(3, uint64(g)))
			s, k := 0, 0
			for range restarts / 8 {
				if random.IntN(2) == 0 {
					if timer.Stop() {
						k++
					}
					continue
				}
				s++
				if timer.Reset(time.Duration(random.IntN(3) * 1000)) {
					k++
				}
			}
			mu.Lock()
			defer mu.Unlock()
			set += s
			taken += k
		})
	}
	all.Wait()
	if timer.Stop() {
		taken++
	}
	ran := d.Sync(func(n *int) int { return *n })
	assert.Equal(t, set, ran+taken, "settings that have run, and that were taken back")
}

// After a Stop that returns true, no job of a Ticker runs, and none begins.
func TestATickerStoppedWhenItFires(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		d := desync.New(0)
		ticker := timed.Every(d, time.Millisecond, func(n *int) { *n++ })
		stops := 0
		for i := range restarts / 4 {
			time.Sleep(time.Millisecond)
			if i%2 == 0 {
				d.Async(func(*int) {})
			}
			if ticker.Stop() {
				stops++
				ran := d.Sync(func(n *int) int { return *n })
				time.Sleep(2 * time.Millisecond)
				assert.Equal(t, ran, d.Sync(func(n *int) int { return *n }), "runs after a Stop that returned true")
			}
			assert.False(t, ticker.Stop(), "it was stopped before")
			assert.True(t, ticker.Start())
			assert.False(t, ticker.Start(), "it was started before")
		}
		ticker.Stop()
		ran := d.Sync(func(n *int) int { return *n })
		assert.Positive(t, stops)
		t.Logf("%d jobs have run, %d stops were in time", ran, stops)
	})
}

// After each Call the job runs once more, unless a Stop has said that it does not.
func TestEachCallIsFollowedByAJob(t *testing.T) {
	for name, trigger := range map[string]func(d *desync.Desync[int], job func(*int)) *timed.Trigger{
		"Debounce": func(d *desync.Desync[int], job func(*int)) *timed.Trigger {
			return timed.Debounce(d, time.Millisecond, 3*time.Millisecond, job)
		},
		"Throttle": func(d *desync.Desync[int], job func(*int)) *timed.Trigger {
			return timed.Throttle(d, time.Millisecond, job)
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubbles.Run(t, func(t *testing.T) {
				random := rand.New(rand.NewPCG(5, 6))
				var mu sync.Mutex
				calls, seen, stops, runs := 0, 0, 0, 0
				d := desync.New(0)
				tr := trigger(d, func(*int) {
					mu.Lock()
					defer mu.Unlock()
					seen = calls
					runs++
				})
				for i := range restarts / 4 {
					time.Sleep(time.Duration(random.IntN(5)) * time.Millisecond / 2)
					mu.Lock()
					calls = i + 1
					mu.Unlock()
					tr.Call()
					if random.IntN(10) == 0 {
						time.Sleep(time.Millisecond) // so that it may be due just now
						if tr.Stop() {
							mu.Lock()
							was := runs
							mu.Unlock()
							time.Sleep(10 * time.Millisecond)
							mu.Lock()
							assert.Equal(t, was, runs, "runs after a Stop that returned true")
							stops++
							seen = calls
							mu.Unlock()
						}
					}
					if i%100 == 0 {
						time.Sleep(10 * time.Millisecond)
						synctest.Wait()
						mu.Lock()
						assert.Equal(t, calls, seen, "the calls that the last job has seen")
						mu.Unlock()
					}
				}
				tr.Stop()
				d.Do(func(*int) {})
				assert.Positive(t, stops)
			})
		})
	}
}
