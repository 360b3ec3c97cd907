package flight_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/adapters/flight"
	"github.com/go-desync/go-desync/desync"
)

// A call that has waited, and whose turn comes at the same reading of the clock, is seen as
// running: clocks are coarse.
func TestTurnAfterAWaitOfNoTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := flight.New()
		d := desync.New(0, desync.WithObserver(r))
		first, second := make(chan struct{}), make(chan struct{})
		go d.Do(func(*int) { <-first })
		synctest.Wait()
		go d.Do(func(*int) { <-second })
		synctest.Wait()
		close(first)
		synctest.Wait()
		time.Sleep(time.Minute)
		if b := r.Snapshot().Busy(); len(b) != 1 || b[0].Holder == nil || b[0].Holder.Started.IsZero() || b[0].Oldest != nil {
			t.Errorf("busy: %+v; want an object whose second job runs", b)
		}
		close(second)
	})
}
