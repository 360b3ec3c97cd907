package desync_test

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/desync"
)

// useInBubble has jobs of every kind, on d, sleep for an hour of the bubble's
// time, and shows that waiting for them is durably blocking.
func useInBubble(t *testing.T, d *desync.Desync[int]) {
	t.Helper()
	var ran int
	for _, k := range kinds[int]() {
		start := time.Now()
		d.Do(func(*int) { ran = 0 })
		go k.call(d, func(*int) { time.Sleep(time.Hour); ran++ })
		synctest.Wait() // outside the bubble the job would sleep on
		for _, behind := range kinds[int]() {
			go behind.call(d, func(*int) { time.Sleep(time.Hour); ran++ })
			synctest.Wait()
		}
		if n, want := d.Pending(), 1+len(kinds[int]()); n != want {
			t.Fatalf("SYN-3: %d jobs are pending behind a sleeping %s; want %d", n, k.name, want)
		}
		got := d.Sync(func(*int) int { return ran })
		if want := 1 + len(kinds[int]()); got != want {
			t.Errorf("SYN-3: %d jobs ran; want %d", got, want)
		}
		want := time.Duration(1+len(kinds[int]())) * time.Hour
		if took := time.Since(start); took != want {
			t.Errorf("SYN-3: the jobs behind a %s took %v of the bubble's time; want %v", k.name, took, want)
		}
	}
}

// useOutside leaves d idle, but with all kinds of things in the pools.
func useOutside(d *desync.Desync[int]) {
	var wg sync.WaitGroup
	for _, k := range kinds[int]() {
		wg.Go(func() { k.call(d, func(n *int) { *n++ }) })
	}
	wg.Wait()
	d.Do(func(*int) {})
}

func TestSYN3_InBubblesAfterUseOutside(t *testing.T) {
	d := desync.New(0)
	for range scaled(200) {
		useOutside(d)
		synctest.Test(t, func(t *testing.T) { useInBubble(t, d) })
		synctest.Test(t, func(t *testing.T) { useInBubble(t, d) })
	}
	useOutside(d)
}

// Outside, a Sync does the work for which a goroutine has been started, so that
// this goroutine is still to come when the bubble queues a job: it must not be
// the one to run it.
func TestSYN3_AGoroutineOfOutsideRunsNoJobOfABubble(t *testing.T) {
	for _, procs := range []int{1, 2} {
		for _, k := range background[int]() {
			t.Run(fmt.Sprintf("GOMAXPROCS=%d, %s", procs, k.name), func(t *testing.T) {
				setProcs(t, procs)
				// Some objects at a time: then the goroutines started outside
				// stand in a queue while the bubble begins.
				ds := make([]desync.Desync[int], 4)
				for range scaled(2_000) {
					for i := range ds {
						ds[i].Async(func(*int) {})
						ds[i].Sync(func(*int) int { return 0 })
					}
					synctest.Test(t, func(t *testing.T) {
						for i := range ds {
							start := time.Now()
							var awoke time.Time
							k.call(&ds[i], func(*int) {
								time.Sleep(time.Hour)
								awoke = time.Now()
							})
							synctest.Wait() // returns with the job asleep
							if n := ds[i].Pending(); n != 1 {
								t.Fatalf("SYN-3: %d jobs are pending; want the one that sleeps", n)
							}
							ds[i].Do(func(*int) {})
							if slept := awoke.Sub(start); slept != time.Hour {
								t.Fatalf("SYN-3: the job slept from %v to %v; want an hour of the bubble's time", start, awoke)
							}
						}
					})
				}
			})
		}
	}
}

// And the other way round.
func TestSYN3_AfterABubbleTheTimeIsReal(t *testing.T) {
	setProcs(t, 1)
	var d desync.Desync[int]
	for range scaled(2_000) {
		synctest.Test(t, func(t *testing.T) {
			d.Async(func(*int) {})
			d.Do(func(*int) {})
		})
		now := make(chan time.Time, 1)
		d.Async(func(*int) { now <- time.Now() })
		if at := receive(t, now, "SYN-3: the job after the bubble"); at.Year() < 2010 {
			t.Fatalf("SYN-3: a job queued after the bubble had ended saw its clock, %v", at)
		}
	}
}

// While objects are used outside, and in other bubbles, their pooled parts come
// and go between all of them.
func TestSYN3_BesideUseOutside(t *testing.T) {
	setProcs(t, 2)
	stop := make(chan struct{})
	var outside sync.WaitGroup
	for range 2 {
		outside.Go(func() {
			var d desync.Desync[int]
			for {
				select {
				case <-stop:
					return
				default:
					useOutside(&d)
				}
			}
		})
	}
	var bubbles sync.WaitGroup
	for range 3 {
		bubbles.Go(func() {
			for range scaled(200) {
				synctest.Test(t, func(t *testing.T) { useInBubble(t, desync.New(0)) })
			}
		})
	}
	bubbles.Wait()
	close(stop)
	outside.Wait()
}

// One bubble's wait ends by what others of the same bubble do, never by time.
func TestSYN3_AllWaitingIsDurablyBlocking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d desync.Desync[int]
		start := time.Now()
		gate := make(chan struct{})
		d.Async(func(*int) { <-gate })
		synctest.Wait()
		f := d.Future(func(*int) int { return 1 })
		go f.Await(t.Context())
		for _, k := range kinds[int]() {
			go k.call(&d, func(*int) {})
		}
		synctest.Wait() // returns only if all of these are durably blocked
		if n, want := d.Pending(), 2+len(kinds[int]()); n != want {
			t.Errorf("SYN-3: %d jobs are pending; want %d", n, want)
		}
		time.Sleep(24 * time.Hour)
		close(gate)
		synctest.Wait()
		if took := time.Since(start); took != 24*time.Hour || d.Pending() != 0 {
			t.Errorf("SYN-3: after %v of the bubble's time %d jobs are pending; want a day and none", took, d.Pending())
		}
	})
}
