package flight

import (
	"testing"
	"time"

	"github.com/go-desync/go-desync/desync"
)

// A job waits for a snapshot for as long as its stripe is copied.
func TestASnapshotKeepsNoJobWaitingForLong(t *testing.T) {
	const most = time.Millisecond
	r := New()
	d := desync.New(0, desync.WithName("orders"), desync.WithObserver(r))
	for range defaultJobs {
		d.Do(func(*int) {})
	}
	var own [ownNames]Name
	for i := range r.stripes {
		least := time.Hour // of some tries: another process may get the processor meanwhile
		for range 20 {
			s, slots := new(Snapshot), make([]slot, 0, 2*defaultJobs/stripeCount)
			began := time.Now()
			slots = r.stripes[i].copyTo(s, slots, &own)
			least = min(least, time.Since(began))
			if len(slots) != defaultJobs/stripeCount {
				t.Fatalf("a stripe has %d jobs; want %d", len(slots), defaultJobs/stripeCount)
			}
		}
		if least > most {
			t.Errorf("stripe %d is copied in %v; want %v at most", i, least, most)
		}
	}
}
