package flight_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/go-desync/go-desync/adapters/flight"
	"github.com/go-desync/go-desync/desync"
)

func wantPanic(t *testing.T, text string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if v := recover(); !strings.Contains(fmt.Sprint(v), text) {
			t.Errorf("panicked with %v; want %q", v, text)
		}
	}()
	f()
}

func TestBadInput(t *testing.T) {
	wantPanic(t, "flight: Jobs(0): the number must be from 1 to 16777216", func() { flight.Jobs(0) })
	wantPanic(t, "flight: Jobs(-1)", func() { flight.Jobs(-1) })
	wantPanic(t, "flight: Jobs(16777217)", func() { flight.Jobs(1<<24 + 1) })
	wantPanic(t, "flight: ShowKeys: the function is nil", func() { flight.ShowKeys(nil) })
	wantPanic(t, "flight: LogReport: the logger is nil", func() { flight.LogReport(nil) })
}

func TestJobsIsRoundedUp(t *testing.T) {
	for n, want := range map[int]int{1: 16, 16: 16, 17: 32, 1000: 1024} {
		r := flight.New(flight.Jobs(n))
		d := observed(r, "orders")
		for range 3000 {
			d.Do(func(*int) {})
		}
		s := r.Snapshot()
		if len(s.Jobs) != want || s.Recorded != 3000 || s.Dropped != 0 {
			t.Errorf("Jobs(%d) has %d of %d, and %d dropped; want %d of 3000", n, len(s.Jobs), s.Recorded, s.Dropped, want)
		}
	}
}

func inFlight(s *flight.Snapshot) (n int) {
	for _, j := range s.Jobs {
		if j.Finished.IsZero() {
			n++
		}
	}
	return n
}

func TestStuckJobSurvivesAFlood(t *testing.T) {
	r := flight.New(flight.Jobs(256))
	gate := make(chan struct{})
	stuck, other := observed(r, "stuck"), observed(r, "other")
	begun := make(chan struct{})
	ended := stuck.Future(func(*int) int { close(begun); <-gate; return 1 })
	<-begun
	for range 20_000 {
		other.Do(func(*int) {})
	}
	busy := r.Snapshot().Busy()
	if len(busy) != 1 || busy[0].Name != "stuck" || busy[0].Holder == nil {
		t.Errorf("after the flood these are busy: %+v", busy)
	}
	close(gate)
	ended.Await(t.Context())
	stuck.Do(func(*int) {}) // after Finished
	if s := r.Snapshot(); len(s.Busy()) != 0 || s.Dropped != 0 {
		t.Errorf("in the end %d objects are busy, %d jobs dropped", len(s.Busy()), s.Dropped)
	}
}

// More jobs in flight than there are slots are counted, never taken for none, and known again
// as soon as they go on.
func TestMoreInFlightThanSlots(t *testing.T) {
	jobs := fewerWhenWatched(100_000)
	const known = 256 + 16*64
	synctest.Test(t, func(t *testing.T) {
		r := flight.New(flight.Jobs(256))
		d := observed(r, "orders")
		resume := d.Suspend()
		for range jobs {
			d.Async(func(*int) {})
		}
		gate := make(chan struct{})
		d.Async(func(*int) { <-gate })
		last := lineBefore()
		for range jobs {
			d.Async(func(*int) {})
		}
		s := r.Snapshot()
		if n := inFlight(s); n != known || int(s.Dropped) != 2*jobs+2-known {
			t.Errorf("%d are known and %d dropped; want %d and %d", n, s.Dropped, known, 2*jobs+2-known)
		}
		if b := s.Busy(); len(b) != 1 || b[0].Holder == nil || b[0].Holder.Call != desync.CallSuspend {
			t.Errorf("busy: %+v; want one, held by the suspension", b)
		}
		resume()
		synctest.Wait()
		if b := r.Snapshot().Busy(); len(b) != 1 || b[0].Holder == nil || b[0].Holder.Code != last {
			t.Errorf("busy: %+v; want one, held by the job that had been dropped", b)
		}
		close(gate)
		synctest.Wait()
		s = r.Snapshot()
		if n := inFlight(s); n != 0 || s.Dropped != 0 {
			t.Errorf("in the end %d are in flight and %d dropped", n, s.Dropped)
		}
		for _, n := range s.Names {
			if n.Name == "orders" && int(n.Returned) != 2*jobs+2 {
				t.Errorf("%d have returned; want all %d", n.Returned, 2*jobs+2)
			}
		}
	})
}

// While the ring wraps, no job is torn, and none is there twice.
func TestSnapshotDuringWrap(t *testing.T) {
	r := flight.New(flight.Jobs(64))
	stop := make(chan struct{})
	var all sync.WaitGroup
	var names sync.Map
	for i := range 4 {
		d := observed(r, fmt.Sprintf("object %d", i))
		all.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					d.Async(func(*int) {})
					d.Do(func(*int) {})
				}
			}
		})
	}
	for range 200 {
		s := r.Snapshot()
		last := uint64(0)
		for _, j := range s.Jobs {
			if j.ID <= last {
				t.Fatalf("job %d after job %d", j.ID, last)
			}
			last = j.ID
			if name, _ := names.LoadOrStore(j.ObjectID, j.Name); name != j.Name {
				t.Fatalf("job %d of object %d has the name %q, others %q", j.ID, j.ObjectID, j.Name, name)
			}
			begun, ended := !j.Started.IsZero(), !j.Finished.IsZero()
			if begun && j.Started.Before(j.Queued) || ended && (!begun || j.Finished.Before(j.Started)) || j.Finished.After(s.Taken) {
				t.Fatalf("torn: %+v", j)
			}
		}
		running := map[uint64]uint64{}
		for _, j := range s.Jobs {
			if !j.Started.IsZero() && j.Finished.IsZero() {
				if other, ok := running[j.ObjectID]; ok {
					t.Fatalf("jobs %d and %d of %s run", other, j.ID, j.Object)
				}
				running[j.ObjectID] = j.ID
			}
		}
	}
	close(stop)
	all.Wait()
}

type harmful struct{ _ []int } // not comparable

func (harmful) Error() string { panic("no text") }

func TestErrorsThatDoHarm(t *testing.T) {
	r := flight.New()
	d := observed(r, "orders")
	for _, err := range []error{harmful{}, errors.New(strings.Repeat("ä", 1<<19)), errors.New("\xff"), nil} {
		d.FutureContext(t.Context(), func(context.Context, *int) (int, error) { return 0, err }).Await(t.Context())
	}
	d.Do(func(*int) {})
	s := r.Snapshot()
	if got := s.Jobs[0].Err; !strings.Contains(got, "flight_test.harmful") {
		t.Errorf("of an error that panics: %q", got)
	}
	if got := s.Jobs[1].Err; len(got) != 256 || !utf8.ValidString(got) {
		t.Errorf("of a long one, %d bytes", len(got))
	}
	if got := s.Jobs[2].Err; got != "\uFFFD" {
		t.Errorf("of an invalid one: %q", got)
	}
	if got := s.Jobs[3].Err; got != "" {
		t.Errorf("of none: %q", got)
	}
}

// A recorder outside of a bubble has jobs of two clocks.
func TestClockOfABubble(t *testing.T) {
	r := flight.New()
	outside := observed(r, "outside")
	resume := outside.Suspend()
	defer resume()
	synctest.Test(t, func(t *testing.T) {
		d := observed(r, "inside")
		resume := d.Suspend()
		defer resume()
		time.Sleep(time.Minute)
		d.Async(func(*int) {})
		time.Sleep(time.Second)
		for _, o := range r.Snapshot().Busy() {
			if want := map[string]time.Duration{"inside": time.Second}[o.Name]; o.Wait != want {
				t.Errorf("inside, %s waits %v; want %v", o.Name, o.Wait, want)
			}
		}
	})
	outside.Async(func(*int) {})
	s := r.Snapshot()
	for _, j := range s.Jobs {
		if want := map[string]int{"inside": 2000, "outside": s.Taken.Year()}[j.Name]; j.Queued.UTC().Year() != want {
			t.Errorf("%s is queued in %v", j.Name, j.Queued)
		}
	}
	if w := s.Why(s.Jobs[1].ID); w.Wait < 0 || w.Wait > time.Hour {
		t.Errorf("a wait of %v", w.Wait)
	}
}

// Room aside is used again.
func TestRoomAsideIsUsedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := flight.New(flight.Jobs(16))
		d := observed(r, "orders")
		for round := range 5 {
			resume := d.Suspend()
			for range 2000 {
				d.Async(func(*int) {})
			}
			if n := inFlight(r.Snapshot()); n != 16+16*64 {
				t.Errorf("round %d: %d are known; want %d", round, n, 16+16*64)
			}
			resume()
			synctest.Wait()
			if s := r.Snapshot(); inFlight(s) != 0 || s.Dropped != 0 {
				t.Errorf("round %d: %d are in flight and %d dropped", round, inFlight(s), s.Dropped)
			}
		}
	})
}

// The end of a job may be told after the start of the next. Then it has ended all the same.
func TestJobThatWasFollowedHasEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := flight.New()
		now := time.Now()
		for id := range uint64(3) {
			j := desync.JobInfo{ID: id + 1, ObjectID: 1, Call: desync.CallDo, Queued: now}
			r.Queued(j)
			if id < 2 {
				j.Started = now.Add(time.Duration(id) * time.Second)
				r.Started(j)
			}
		}
		time.Sleep(time.Minute)
		s := r.Snapshot()
		if j := s.Jobs[0]; !j.Finished.Equal(s.Jobs[1].Started) || j.Outcome != desync.OutcomeUnfinished {
			t.Errorf("the first: %+v; want it to have ended when the second started", j)
		}
		if j := s.Jobs[1]; !j.Finished.IsZero() {
			t.Errorf("the second: %+v; want it to run", j)
		}
		if b := s.Busy(); len(b) != 1 || b[0].Depth != 2 || b[0].Holder.ID != 2 || b[0].Oldest.ID != 3 {
			t.Errorf("busy: %+v", b)
		}
	})
}
