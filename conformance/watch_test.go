package conformance

import (
	"strings"
	"testing"
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

func TestGoid(t *testing.T) {
	mine := goid()
	other := make(chan uint64)
	go func() { other <- goid() }()
	if o := <-other; mine == 0 || o == 0 || mine == o || mine != goid() {
		t.Errorf("goid gives %d and %d for two goroutines, and then %d for the first", mine, o, goid())
	}
	if !strings.Contains(dump(), "TestGoid") {
		t.Error("dump does not show this test")
	}
}
