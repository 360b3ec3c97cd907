package flight_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/adapters/flight"
	"github.com/go-desync/go-desync/desync"
)

// Held of a call that was given up may be told after its end.
func TestHeldAfterTheEnd(t *testing.T) {
	r := flight.New(flight.Jobs(16))
	now := time.Now()
	j := desync.JobInfo{ID: 1, ObjectID: 1, Set: 1, Call: desync.CallSeveral, Queued: now}
	r.Queued(j)
	end := j
	end.Finished, end.Outcome, end.Err = now, desync.OutcomeNotRun, context.Canceled
	r.Finished(end)
	r.Held(j)
	if s := r.Snapshot(); inFlight(s) != 0 || s.Jobs[0].Outcome != desync.OutcomeNotRun || !s.Jobs[0].Held.IsZero() {
		t.Errorf("it is %+v", s.Jobs[0])
	}
	other := j
	other.ID = 17 // the same slot
	r.Queued(other)
	r.Held(j)
	if s := r.Snapshot(); len(s.Jobs) != 1 || s.Jobs[0].ID != 17 || !s.Jobs[0].Held.IsZero() {
		t.Errorf("there are %+v; want the job 17 alone, which is not held", s.Jobs)
	}
}

// A suspension that is resumed while its place is reached, and calls for two objects that are
// given up meanwhile, leave nothing in flight.
func TestHeldRacesWithTheEnd(t *testing.T) {
	r := flight.New(flight.Jobs(64))
	a, b := observed(r, "a"), observed(r, "b")
	var all sync.WaitGroup
	rounds := fewerWhenWatched(5000)
	for range 2 {
		all.Go(func() {
			for range rounds {
				resume := a.Suspend()
				go resume()
				a.Async(func(*int) {})
			}
		})
		all.Go(func() {
			for range rounds {
				ctx, cancel := context.WithCancel(t.Context())
				go cancel()
				_, err := desync.Sync2Context(ctx, a, b, func(context.Context, *int, *int) (int, error) { return 0, nil })
				if err != nil && !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
			}
		})
		all.Go(func() {
			for range rounds {
				f := b.Future(func(*int) int { return 1 })
				f.Await(t.Context())
			}
		})
	}
	all.Wait()
	for _, d := range []*desync.Desync[int]{a, b} {
		d.Do(func(*int) {}) // after the end of all jobs in the background was told
	}
	if busy := r.Snapshot().Busy(); len(busy) > 0 {
		t.Errorf("in flight are %+v", busy)
	}
}

// A key that is removed and made again is another object. Its old jobs stay those of the old.
func TestKeyThatIsMadeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := flight.New(flight.ShowKeys(func(_ string, key any) string { return fmt.Sprint(key) }))
		m := desync.NewMap(func(string) int { return 0 }, desync.WithName("orders"), desync.WithObserver(r))
		m.At("ann").Do(func(*int) {})
		m.Delete("ann")
		synctest.Wait()
		m.At("ann").Do(func(*int) {})
		s := r.Snapshot()
		first, last := s.Jobs[0], s.Jobs[len(s.Jobs)-1]
		if first.ObjectID == last.ObjectID || first.Object != "orders[ann]" || last.Object != "orders[ann]" {
			t.Errorf("before %s with the number %d, then %s with %d", first.Object, first.ObjectID, last.Object, last.ObjectID)
		}
	})
}
