package conformance

import (
	"fmt"
	"strings"
	"time"

	"github.com/go-desync/go-desync/conformance/internal/standstill"
)

// supervise waits for the end of a case and reports whether it hangs, which it
// makes a failure. What hangs is left behind. Time passes by looks, not by the
// clock: a process that is stopped for a while has had no time to do its work.
func (t *trial) supervise(done <-chan struct{}) (hung bool) {
	limit := t.scaled(t.o.watchdog)
	look := time.NewTimer(min(standstill.FirstLook, limit))
	defer look.Stop()
	var w standstill.Watcher
	var v vital
	lost, looks := t.lost(), t.looks()
	var every time.Duration // until the next look
	for passed := standstill.FirstLook; ; passed += every {
		select {
		case <-done:
			return false
		case <-t.ctx.Done(): // of the whole run
			return true
		case <-lost:
			t.peerLost(t.remote.conn)
			return true
		case <-look.C:
			began := time.Now()
			w.Look()
			if w.Still > 0 && lost != nil && !v.still(t.remote.conn) {
				w.Reset()
			}
			// A look at many goroutines takes long, and stops them meanwhile.
			every = max(t.lookEvery(), time.Since(began))
			look.Reset(every)
		}
		switch {
		case w.Still >= looks:
			if w.Ran() && t.wakes(done, standstill.Looks*t.lookEvery()) || !t.silent() {
				w.Reset()
				continue
			}
			if !t.tolerateStall() {
				t.hang("it never will: no goroutine can run any more")
				return true
			}
			w.Reset()
		case passed >= limit && time.Since(t.lastStep()) < limit/3:
			t.slow("it is too slow here: it goes on, but has not ended after %v", limit.Round(time.Millisecond))
			return true
		case passed >= limit:
			t.hang(fmt.Sprintf("it did not within %v", limit.Round(time.Millisecond)))
			return true
		}
	}
}

// lookEvery is the time between two looks, in which a slow subject does something.
func (s *subject) lookEvery() time.Duration {
	return max(standstill.LookEvery, 5*s.known().trip)
}

// wakes reports whether anything runs for a while, in which the case itself only sleeps.
func (t *trial) wakes(done <-chan struct{}, d time.Duration) bool {
	before := standstill.Activity()
	select {
	case <-done:
		return true
	case <-t.ctx.Done():
		return true
	case <-time.After(d):
		return standstill.Activity()-before >= standstill.Idle
	}
}

// tolerateStall tells a case that waits for it that nothing moves any more.
func (t *trial) tolerateStall() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stalled == nil {
		return false
	}
	close(t.stalled)
	t.stalled = nil
	return true
}

// hang makes the failure of a case that does not end.
func (t *trial) hang(what string) {
	t.mu.Lock()
	expected := t.expected
	t.mu.Unlock()
	if expected == "" {
		expected = "the case ends"
	}
	t.noNew = t.noNew || expected == newReturns
	if t.remote != nil { // the stacks of this process say nothing
		t.failWith(&Failure{
			Rule:    t.rule,
			Message: fmt.Sprintf("%s: expected: %s\n  happened: %s%s", t.rule, expected, what, t.remote.conn.standstill(t.mute)),
			Output:  t.remote.conn.proc.Stderr(),
		})
		return
	}
	stacks := standstill.Show(t.standing())
	t.failAt(stacks, expected, "%s", what+t.states())
}

// states returns what the objects of the case say of themselves, if they have a
// String method, and if it returns.
func (t *trial) states() string {
	t.mu.Lock()
	objects := t.objects
	t.mu.Unlock()
	var b strings.Builder
	for i, o := range objects[:min(len(objects), 5)] {
		s, ok := o.(fmt.Stringer)
		if !ok {
			continue
		}
		said := make(chan string, 1)
		go func() {
			defer func() { _ = recover() }()
			said <- s.String()
		}()
		select {
		case state := <-said:
			fmt.Fprintf(&b, "\n  object %d: %s", i+1, state)
		case <-time.After(time.Second):
			fmt.Fprintf(&b, "\n  object %d: its String method does not return", i+1)
		}
	}
	return b.String()
}
