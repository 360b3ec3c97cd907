//go:build race || desyncdebug

package waits_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/futures/waits"
)

// Two goroutines wait for each other's seats. The one that comes last gets the error,
// unless the wait of the other may end.
func TestARingOfTwo(t *testing.T) {
	for _, mayEnd := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			a, b := newSeat("a"), newSeat("b")
			ctx := context.Background()
			if mayEnd {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, 2*time.Second)
				defer cancel()
			}
			first, last := make(chan error, 1), make(chan error, 1)
			go func() {
				a.take(ctx)
				defer a.leave()
				time.Sleep(time.Millisecond)
				first <- b.take(ctx)
			}()
			go func() {
				b.take(context.Background())
				defer b.leave()
				time.Sleep(time.Second)
				last <- a.take(context.Background())
			}()
			err := <-last
			if told := err != nil; told == mayEnd {
				t.Errorf("the last of a ring whose other wait may end: %v, got %v", mayEnd, err)
			}
			if err := <-first; (err != nil) != mayEnd {
				t.Errorf("the first of a ring whose wait may end: %v, got %v", mayEnd, err)
			}
		})
	}
}

func TestJobsThatHaveEndedAreNotWaitedFor(t *testing.T) {
	s := newSeat("s")
	s.take(t.Context())
	defer s.leave()
	over := false
	for _, c := range []struct {
		name string
		ring bool
		wait *waits.Waiting
		end  func()
	}{
		{"one job", true, waits.Prepare(false, nil, waits.Queue(s.object())), func() {}},
		{"none", false, waits.Prepare(false, nil), func() {}},
		{"one not queued yet", false, waits.Prepare(false, nil, new(waits.Job)), func() {}},
		{"one that may end", true, waits.Prepare(true, nil, waits.Queue(s.object())), func() {}},
		{"one that is over", false, waits.Prepare(false, func() bool { return over }, waits.Queue(s.object())), func() { over = true }},
	} {
		c.end()
		if got := c.wait.Begin() != nil; got != c.ring {
			t.Errorf("a wait for %s in a job of the object closes a ring: %v; want %v", c.name, got, c.ring)
		}
		waits.End()
	}
	job := waits.Queue(s.object())
	other := waits.Queue(s.object())
	job.End()
	if waits.Prepare(false, nil, job).Begin() != nil {
		t.Error("a wait for a job that has ended closes a ring")
	}
	if waits.Prepare(false, nil, job, other).Begin() == nil {
		t.Error("a wait for a job that has ended and one that has not closes no ring")
	}
	waits.End()
}

// Follow sees the first job that its goroutine queues, whatever is followed in it.
func TestFollow(t *testing.T) {
	a, b := newSeat("a"), newSeat("b")
	a.take(t.Context())
	defer a.leave()
	closes := func(job *waits.Job) bool {
		defer waits.End()
		return waits.Prepare(false, nil, job).Begin() != nil
	}
	waits.Follow(func(outer *waits.Job) {
		done := make(chan struct{})
		go func() {
			defer close(done)
			waits.Queue(a.object())
		}()
		<-done
		if closes(outer) {
			t.Error("the job of another goroutine was followed")
		}
		waits.Follow(func(inner *waits.Job) {
			waits.Queue(a.object())
			waits.Queue(b.object())
			if !closes(inner) {
				t.Error("the first job was not followed")
			}
		})
		if closes(outer) {
			t.Error("the job of the inner Follow was followed by the outer")
		}
		waits.Queue(a.object())
		if !closes(outer) {
			t.Error("the first job behind the inner Follow was not followed")
		}
	})
}

// A seat that was granted when the wait for several had ended is held by nobody.
func TestGrantedAfterTheEnd(t *testing.T) {
	a, b := newSeat("a"), newSeat("b")
	for _, ended := range []bool{false, true} {
		w := waits.Prepare(true, nil, waits.NewJob(a.object()), waits.NewJob(b.object()))
		if w.Begin() != nil {
			t.Fatal("a wait for free seats closes a ring")
		}
		w.Placed()
		if ended {
			waits.End()
		}
		w.Granted(a)
		waits.End()
		if ring := waits.Prepare(false, nil, waits.NewJob(a.object())).Begin(); (ring != nil) == ended {
			t.Errorf("a seat granted after the end %v: another wait for it closes a ring: %v", ended, ring != nil)
		}
		waits.End()
		waits.Leave(a)
	}
}

// A wait in the background holds what it has got, until its job runs and holds it.
func TestAWaitInTheBackground(t *testing.T) {
	a, b := newSeat("a"), newSeat("b")
	b.take(t.Context())
	closes := func(s *seat) bool {
		defer waits.End()
		return waits.Prepare(false, nil, waits.NewJob(s.object())).Begin() != nil
	}
	w := waits.Prepare(false, nil, waits.NewJob(a.object()), waits.NewJob(b.object()))
	w.InBackground()
	if w.Begin() != nil {
		t.Error("a wait in the background closes a ring")
	}
	w.Placed()
	w.Granted(a)
	if !closes(a) {
		t.Error("a wait for a seat that is held until this goroutine leaves another closes no ring")
	}
	b.leave()
	w.Granted(b)
	if closes(a) {
		t.Error("a wait for a seat closes a ring, though its holder waits for nobody")
	}
	w.Taken()
	if !closes(a) || !closes(b) {
		t.Error("the goroutine of the job holds nothing")
	}
	waits.Leave(a)
	waits.Leave(b)
	if closes(a) || closes(b) {
		t.Error("the goroutine of the job holds what it has left")
	}
}
