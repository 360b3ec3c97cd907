package flight_test

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-desync/go-desync/adapters/flight"
	"github.com/go-desync/go-desync/desync"
)

// A call is a Do. All calls want one slot.
type call struct {
	r *flight.Recorder
	j desync.JobInfo
}

// called is a call whose turn comes right after it.
func called(r *flight.Recorder, n uint64) call {
	c := call{r, desync.JobInfo{ID: n * 16, ObjectID: n, Call: desync.CallDo, Queued: time.Now()}}
	r.Queued(c.j)
	return c
}

// calledInTurn is a call that has its turn already.
func calledInTurn(r *flight.Recorder, n uint64) call {
	now := time.Now()
	c := call{r, desync.JobInfo{ID: n * 16, ObjectID: n, Call: desync.CallDo, Queued: now, Started: now, InTurn: true}}
	r.Queued(c.j)
	return c
}

func (c *call) start() {
	c.j.Started = c.j.Queued
	c.r.Started(c.j)
}

func (c *call) end() {
	c.j.Finished, c.j.Outcome = time.Now(), desync.OutcomeReturned
	c.r.Finished(c.j)
}

// seen returns the jobs that a snapshot shows as running, and those that wait.
func seen(r *flight.Recorder) (running, waiting []uint64) {
	for _, j := range r.Snapshot().Jobs {
		switch {
		case !j.Finished.IsZero():
		case j.Started.IsZero():
			waiting = append(waiting, j.ID/16)
		default:
			running = append(running, j.ID/16)
		}
	}
	return running, waiting
}

// Whichever of two jobs that want one slot begins first, both are seen.
func TestTurnsOfJobsThatWantOneSlot(t *testing.T) {
	for name, f := range map[string]func(old, young func() *call){
		"the old one before":             func(old, young func() *call) { old().start(); young().start() },
		"the old one after":              func(old, young func() *call) { o, y := old(), young(); y.start(); o.start() },
		"the young one after":            func(old, young func() *call) { o, y := old(), young(); o.start(); y.start() },
		"the old one is seen in between": func(old, young func() *call) { o := old(); o.start(); seen(o.r); young().start() },
	} {
		r := flight.New(flight.Jobs(16))
		at := func(n uint64) func() *call {
			return func() *call { c := called(r, n); return &c }
		}
		f(at(1), at(2))
		if running, waiting := seen(r); len(running) != 2 || len(waiting) != 0 {
			t.Errorf("%s: %v are running and %v wait; want both to run", name, running, waiting)
		}
	}
}

// A job that has no slot hides no other's turn, and has one again once there is room.
func TestTurnOfADroppedJob(t *testing.T) {
	for _, room := range []bool{false, true} {
		r := flight.New(flight.Jobs(32)) // odd and even numbers have a slot each
		first := called(r, 1)
		first.start()
		var others []call
		for n := range uint64(65) { // one has the other slot, and the room aside is full
			others = append(others, called(r, 2*n+2))
		}
		dropped := called(r, 3)
		want := []uint64{1}
		if room {
			for i := range others {
				others[i].end()
			}
			want = append(want, 3)
		}
		dropped.start()
		if running, _ := seen(r); !slices.Equal(running, want) {
			t.Errorf("%v are running; want %v", running, want)
		}
		if dropped := r.Snapshot().Dropped; room != (dropped == 0) {
			t.Errorf("%d are dropped; there is room: %t", dropped, room)
		}
	}
}

// A job whose slot goes to another is seen as running.
func TestTurnWhileTheSlotGoesToAnother(t *testing.T) {
	for name, called := range map[string]func(*flight.Recorder, uint64) call{"with the call": calledInTurn, "after it": called} {
		r := flight.New(flight.Jobs(16))
		var last atomic.Uint64
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				for range fewerWhenWatched(2_500) {
					c := called(r, last.Add(1))
					c.start()
					for _, j := range r.Snapshot().Jobs {
						if j.ID == c.j.ID && !j.Started.Equal(c.j.Queued) {
							t.Errorf("%s: the job %d has started at %v; want %v", name, j.ID, j.Started, c.j.Queued)
							return
						}
					}
					c.end()
				}
			})
		}
		all.Wait()
		if running, waiting := seen(r); len(running)+len(waiting) != 0 {
			t.Errorf("%s: in the end %v run and %v wait", name, running, waiting)
		}
	}
}
