package conformance

import (
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-desync/go-desync/conformance/internal/standstill"
)

// manyKeys is how many keys come and go in a case about that. Before them come some whose
// goroutines are looked for: to look at many takes long.
func (t *trial) manyKeys() (numbers []int) {
	n := 10_000
	if t.o.budget != Short {
		n = 1_000_000
	}
	return []int{50, t.objectsAtPace(n, 50, 1)}
}

// useKeys makes keys by a job each.
func (t *trial) useKeys(k Keyed, n int) {
	for key := range n {
		t.do(k.At(key), func(s *State) { s.runs++ }, "a Do on a key returns")
	}
	t.tried("keys that were used once", n)
}

// noneLeft ends the case if goroutines are left.
func (t *trial) noneLeft(look func() []standstill.Goroutine) {
	if left := look(); len(left) > 0 {
		t.failAt(standstill.Show(left), "no goroutine is left when the table is empty", "there are %d", len(left))
		runtime.Goexit()
	}
}

func keysDeleted(t *trial) {
	k := t.keyed()
	leaks := t.lookForLeaks()
	for _, n := range t.manyKeys() {
		t.useKeys(k, n)
		for key := range n {
			t.expect("Delete returns")
			k.Delete(key)
		}
		for i := 0; i < 200 && k.Len() > 0; i++ {
			t.briefly(nil)
		}
		// When no goroutine can run any more, no Delete is still to come to its turn.
		for i := 0; i < 3 && k.Len() > 0; i++ {
			t.comes(make(chan struct{}))
		}
		if left := k.Len(); left > 0 {
			t.fatal("the table is empty when all keys have been deleted", "of %d there are %d, and no goroutine can run any more", n, left)
		}
		t.noneLeft(leaks)
	}
}

// soonEvicted is a limit that a case waits for. An evictor may take some times as long.
const soonEvicted = 5 * time.Millisecond

// emptied waits for the eviction of all keys, for a thousand times as long as they may
// be idle, and longer where keys still go.
func (t *trial) emptied(k Keyed) {
	patience := t.scaled(1000 * soonEvicted)
	t.expect("all keys that are idle are removed")
	last, since := k.Len(), time.Now()
	for last > 0 {
		time.Sleep(soonEvicted)
		if now := k.Len(); now != last {
			last, since = now, time.Now()
		} else if time.Since(since) > patience {
			t.fatal("keys that have been idle for longer than "+soonEvicted.String()+" are removed", "for %v nothing was removed, and %d keys are left", patience, last)
		}
	}
}

func keysEvicted(t *trial) {
	k := t.keyed()
	k.(KeyedEvictor).EvictIdle(soonEvicted, func(int, *State) error { return nil })
	leaks := t.lookForLeaks()
	for _, n := range t.manyKeys() {
		t.useKeys(k, n)
		t.emptied(k)
		t.noneLeft(leaks)
	}
}

func deleteInTurn(t *trial) {
	k := t.keyed()
	g, _ := t.holdKey(k, 1)
	ahead, behind := -1, -1
	t.expect("Async on a key returns while a job of the key runs")
	k.At(1).Async(func(s *State) { ahead = s.runs; s.runs++ })
	t.await(t.goes(func() { k.Delete(1) }), "Delete returns while a job of its key runs")
	k.At(1).Async(func(s *State) { behind = s.runs })
	g.open()
	t.do(k.At(1), func(*State) {}, "a Do on a key returns")
	if ahead != 1 {
		t.fatal("a job in front of a Delete finds the State as it was", "it found one on which %d jobs had run, want 1", ahead)
	}
	if behind != 0 {
		t.fatal("a job behind a Delete finds a new State", "it found one on which %d jobs had run", behind)
	}
}

// evictedIsSeen uses a few keys now and then, so that some of them are removed meanwhile. No
// job may be missing in what the function for that is given.
func evictedIsSeen(t *trial) { t.evictedAre(func(int) error { return nil }) }

// evictedIsKept is evictedIsSeen with a function that fails, as one that saves to a disk does,
// one time for each State. No job may be missing in what it is given when it succeeds.
func evictedIsKept(t *trial) {
	failed := map[int]bool{} // by key, since it was last removed
	var mu sync.Mutex
	t.evictedAre(func(key int) error {
		mu.Lock()
		defer mu.Unlock()
		if failed[key] = !failed[key]; failed[key] {
			return errors.New("the State cannot be saved now")
		}
		return nil
	})
}

// evictedAre counts the jobs of the States for which save returns nil.
func (t *trial) evictedAre(save func(key int) error) {
	var seen, evicted atomic.Int64
	k := t.keyed()
	k.(KeyedEvictor).EvictIdle(soonEvicted, func(key int, s *State) error {
		if err := save(key); err != nil {
			return err
		}
		seen.Add(int64(s.runs))
		evicted.Add(1)
		return nil
	})
	rng := rand.New(rand.NewPCG(t.o.seed, 9))
	start := time.Now()
	jobs := int64(0)
	for time.Since(start) < 2*t.slice() {
		for range 8 {
			t.do(k.At(rng.IntN(40)), func(s *State) { s.runs++ }, "a Do on a key returns")
			jobs++
		}
		time.Sleep(time.Duration(rng.Int64N(int64(soonEvicted))))
	}
	t.emptied(k)
	if n := seen.Load(); n != jobs {
		t.fatal("a State that is removed is given to the function for that first, and stays if that fails", "of %d jobs, those given had %d", jobs, n)
	}
	t.tried("keys that were removed when they were idle", int(evicted.Load()))
}

func lookingIsNoUse(t *trial) {
	k := t.keyed()
	t.expect("At and Len return")
	for key := range 100 {
		k.At(key)
	}
	if n := k.Len(); n != 0 {
		t.fatal("At alone makes no key", "the table has %d", n)
	}
	g, _ := t.holdKey(k, 1)
	length := make(chan int, 1)
	t.await(t.goes(func() { length <- k.Len() }), "Len returns while a job of a key runs")
	if n := <-length; n != 1 {
		t.fatal("Len counts keys that have a job", "there is one, and it returned %d", n)
	}
	g.open()
	t.do(k.At(1), func(*State) {}, "a Do on a key returns")
}

func decidedInTurn(t *trial) {
	k := t.keyed()
	d := k.(KeyedDecider)
	t.expect("DeleteIf returns for a key without a State")
	if d.DeleteIf(1, func(*State) bool { t.fail("the job of DeleteIf does not run without a State", "it ran"); return true }) || k.Len() != 0 {
		t.fatal("DeleteIf does nothing for a key without a State", "it says that it has removed one, or there is a key now")
	}
	g, _ := t.holdKey(k, 1)
	behind := -1
	deleted := false
	done := t.goes(func() {
		deleted = d.DeleteIf(1, func(s *State) bool {
			k.At(1).Async(func(s *State) { behind = s.runs })
			return s.runs == 1
		})
	})
	g.open()
	t.await(done, "DeleteIf returns")
	t.do(k.At(1), func(*State) {}, "a Do on a key returns")
	if !deleted || behind != 0 {
		t.fatal("a job that decides that its State goes is the last one on it", "DeleteIf returned %v, and the job behind found a State on which %d jobs had run, want a new one", deleted, behind)
	}
	k.At(1).Do(func(s *State) { s.runs = 7 })
	if d.DeleteIf(1, func(*State) bool { return false }) {
		t.fatal("DeleteIf says whether the State was removed", "it returned true, although the job had returned false")
	}
	kept := 0
	t.do(k.At(1), func(s *State) { kept = s.runs }, "a Do on a key returns")
	if kept != 7 {
		t.fatal("a State whose job decides that it stays is kept", "it was not")
	}
}

// joinsAndLeaves has guests come to a room and leave it. The last one removes it.
func joinsAndLeaves(t *trial) {
	k := t.keyed()
	least := t.rounds(1000, 50, 4)
	start := time.Now()
	var rounds atomic.Int64
	lost := func() {
		t.fail("no call is lost when a job decides that its State goes", "after %d rounds a guest who had come was not there when he left", rounds.Load())
	}
	var guests []<-chan struct{}
	for range 3 {
		guests = append(guests, t.goes(func() {
			for n := 0; (n < least || time.Since(start) < 2*t.slice()) && !t.failed() && t.ctx.Err() == nil; n++ {
				k.At(1).Do(func(s *State) { s.sum++ })
				there := false
				k.(KeyedDecider).DeleteIf(1, func(s *State) bool {
					there = s.sum > 0
					s.sum--
					return s.sum == 0
				})
				if !there {
					lost()
				}
				rounds.Add(1)
			}
		}))
	}
	for _, g := range guests {
		t.await(g, "calls of guests who come and leave return")
	}
	if n := k.Len(); n != 0 && !t.failed() {
		t.fatal("the last one out removes the room", "all have left, and there are %d keys", n)
	}
	t.tried("guests who came and left", int(rounds.Load()))
}

func presentInTurn(t *trial) {
	k := t.keyed()
	v := k.(KeyedVisitor)
	t.expect("DoIfPresent returns for a key without a State")
	if v.DoIfPresent(1, func(*State) { t.fail("a job for a State that must be there does not run without one", "it ran") }) {
		t.fatal("DoIfPresent says whether its job ran", "it returned true for a key without a State")
	}
	if n := k.Len(); n != 0 {
		t.fatal("DoIfPresent makes no State", "there are %d keys", n)
	}
	t.do(k.At(1), func(*State) {}, "a Do on a key returns")
	ran := false
	if !v.DoIfPresent(1, func(*State) { ran = true }) || !ran {
		t.fatal("DoIfPresent runs its job if there is a State", "it did not, or it returned false")
	}
	g, _ := t.holdKey(k, 1)
	t.expect("Delete returns while a job of its key runs")
	k.Delete(1)
	early, said := false, false
	done := t.goes(func() { said = v.DoIfPresent(1, func(*State) { early = true }) })
	t.patience(done)
	g.open()
	t.await(done, "DoIfPresent returns when its turn has come")
	if early || said {
		t.fatal("DoIfPresent looks in its turn whether there is a State", "behind a Delete its job ran: %v, and it returned %v", early, said)
	}
}
