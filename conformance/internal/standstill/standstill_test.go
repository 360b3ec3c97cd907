package standstill

import (
	"runtime"
	"testing"
	"time"
)

func TestWaitingGoroutines(t *testing.T) {
	const self = "goroutine 1 [running]:\nmain.look()\n\n"
	for _, tc := range []struct {
		dump string
		want bool
	}{
		{self + "goroutine 7 [chan receive]:\nmain.f()", true},
		{self + "goroutine 7 [chan receive, 2 minutes]:\nmain.f()", true},
		{self + "goroutine 7 [select (no cases)]:\nmain.f()", true},
		{self + "goroutine 7 [sync.Mutex.Lock]:\nmain.f()\n\ngoroutine 8 [sync.Cond.Wait]:\nmain.g()", true},
		{self + "goroutine 7 [runnable]:\nmain.f()", false},
		{self + "goroutine 7 [sleep]:\nmain.f()", false},
		{self + "goroutine 7 [chan send]:\nmain.f()\n\ngoroutine 8 [running]:\nmain.g()", false},
		{self + "goroutine 7 [syscall]:\nmain.f()", false},
		{self + "goroutine 7 [syscall]:\nos/signal.signal_recv()", true},
	} {
		if _, got := waiting(tc.dump); got != tc.want {
			t.Errorf("all goroutines wait: %v, want %v, in\n%s", got, tc.want, tc.dump)
		}
	}
	a, _ := waiting(self + "goroutine 7 [select, 1 minutes]:\nmain.f()")
	b, _ := waiting(self + "goroutine 7 [select, 2 minutes]:\nmain.f()")
	if a != b {
		t.Errorf("a goroutine that goes on waiting counts as moving: %q, %q", a, b)
	}
}

func TestWatcherCountsLooks(t *testing.T) {
	var w Watcher
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() { // which never waits
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				runtime.Gosched()
			}
		}
	}()
	for range 5 {
		if w.Look(); w.Still != 0 {
			t.Fatalf("nothing moves in %d looks, although a goroutine runs", w.Still)
		}
	}
	close(stop)
	<-stopped
	for w.Still < Looks {
		w.Look()
		runtime.Gosched()
	}
}

// A goroutine that a timer wakes now and then is seen waiting in every look.
func TestWatcherKnowsWhatATimerWakes(t *testing.T) {
	if n := quiet(); n >= Idle {
		t.Errorf("the activity of a process that does nothing is %d, want less than %d", n, Idle)
	}
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		for tick := time.Tick(10 * time.Millisecond); ; {
			select {
			case <-tick:
			case <-stop:
				return
			}
		}
	}()
	var w Watcher
	for w.Still < Looks {
		w.Look()
		time.Sleep(LookEvery)
	}
	if n := quiet(); !w.Ran() || n < Idle {
		t.Errorf("beside a goroutine that a timer wakes every 10 ms something ran: %v, and the activity is %d, want %d and more", w.Ran(), n, Idle)
	}
	w.Reset()
	if w.Look(); w.Still != 0 {
		t.Errorf("after a reset the first look counts as one in which nothing has moved")
	}
}

// quiet returns the activity of a while in which the caller only sleeps.
func quiet() uint64 {
	before := Activity()
	time.Sleep(Looks * LookEvery)
	return Activity() - before
}
