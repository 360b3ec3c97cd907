package desync

import (
	"runtime"
	"sync"
	"testing"
)

// On one processor a woken waiter runs only when the goroutine that calls again and again
// lets it; the slice of time of that one would be enough for many thousands of calls.
func TestFAIR2_ACallerThatCallsAgainAtOnceLetsTheWokenWaiterRun(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var d Desync[int]
	var other sync.WaitGroup
	defer other.Wait()
	ran := make(chan struct{})
	d.Do(func(*int) {
		other.Go(func() { d.Do(func(*int) { close(ran) }) })
		for d.Pending() < 2 {
			runtime.Gosched()
		}
	})
	for calls := 0; ; calls++ {
		select {
		case <-ran:
			return
		default:
		}
		// More than once: now and then the scheduler takes the goroutine that has yielded
		// first, or the caller is preempted in a job, so that the waiter looks in vain and
		// is woken again. Without yielding it takes tens of thousands of calls.
		if calls > 16*mostPasses {
			t.Fatalf("a woken waiter has not run after %d calls of another goroutine", calls)
		}
		d.Do(func(*int) {})
	}
}
