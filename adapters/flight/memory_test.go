package flight_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/go-desync/go-desync/adapters/flight"
	"github.com/go-desync/go-desync/desync"
)

func heap() int {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// All memory is taken by New.
func TestMemory(t *testing.T) {
	names := make([]string, 10_000)
	for i := range names {
		names[i] = fmt.Sprintf("object %d", i)
	}
	begin := heap()
	r := flight.New()
	made := heap()
	if n := made - begin; n > 3_000_000 {
		t.Errorf("New takes %d bytes; want at most 3 MB", n)
	}
	rounds := fewerWhenWatched(10)
	func() { // in it, so that the map is garbage afterwards
		d := observed(r, "orders")
		m := desync.NewMap(func(string) int { return 0 }, desync.WithName("orders"), desync.WithObserver(r))
		for i := range rounds * len(names) {
			observed(r, names[i%len(names)]).Do(func(*int) {})
			m.At(fmt.Sprintf("%0100d", i)).Do(func(*int) {})
			d.Do(func(*int) {})
		}
	}()
	if n := heap() - made; n > 64<<10 {
		t.Errorf("%d jobs, keys and names later it has %d bytes more; want at most 64 KB", 3*rounds*len(names), n)
	}
	runtime.KeepAlive(r)
	runtime.KeepAlive(names)
}

// A call that observers are told of has no allocation of the recorder's.
func TestNoAllocations(t *testing.T) {
	if n := testing.AllocsPerRun(1000, func() {}); n != 0 {
		t.Skipf("an empty function has %v allocations here", n)
	}
	allocs := func(o desync.Observer) float64 {
		d := desync.New(0, desync.WithName("orders"), desync.WithObserver(o))
		return testing.AllocsPerRun(1000, func() { d.Do(func(*int) {}) })
	}
	if with, without := allocs(flight.New()), allocs(desync.NopObserver{}); with != without {
		t.Errorf("a Do has %v allocations with the recorder; want %v", with, without)
	}
}
