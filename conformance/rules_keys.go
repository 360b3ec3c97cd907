package conformance

import (
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/go-desync/go-desync/conformance/internal/standstill"
)

// keyRules are about tables of objects by key.
func keyRules() []checkedRule {
	return []checkedRule{
		{
			Rule: Rule{
				ID: "KEY-1", Level: Must, Feature: FeatureKeys, Profile: ConcurrencyProfile, Method: Stochastic,
				Text:    "At no time do two objects stand for one key, whether it is called for the first time by several at once, or just removed.",
				Why:     "Two jobs of one key would run at the same time, or each on data of its own.",
				Mutants: []string{"key-made-twice", "deleted-key-has-two-objects"},
			},
			cases: []testCase{
				{name: "first-calls", run: keyCalledAtOnce},
				{name: "deleted", run: keyDeletedWhileHeld},
			},
		},
		{
			Rule: Rule{
				ID: "KEY-2", Level: Must, Feature: FeatureKeys, Profile: ConcurrencyProfile, Method: Deterministic,
				Text:    "Keys do not delay each other.",
				Why:     "One key whose job waits would stop others that have nothing to do with it.",
				Mutants: []string{"keys-share-stripes"},
			},
			cases: []testCase{
				{name: "held", run: keyHeldBesideOthers},
			},
		},
		{
			Rule: Rule{
				ID: "KEY-3", Level: Must, Feature: FeatureKeys, Profile: ConcurrencyProfile, Method: Deterministic,
				Text:    "When the States of all keys have been removed, by Delete or because they were idle, the table is empty, and no goroutine is left.",
				Why:     "A table with a key for each user or request would grow for as long as the process lives.",
				Mutants: []string{"deleted-key-stays", "key-goroutine-stays", "idle-key-stays"},
			},
			cases: []testCase{
				{name: "deleted", run: keysDeleted},
				{name: "evicted", needs: []Feature{FeatureKeysEvict}, run: keysEvicted},
			},
		},
		{
			Rule: Rule{
				ID: "KEY-4", Level: Must, Feature: FeatureKeys, Profile: ConcurrencyProfile, Method: Stochastic,
				Text:    "A State that is removed is removed in its turn: jobs in front of a Delete find the old State, jobs behind it a new one. Delete does not wait. One that is removed because it was idle is given to the function for that first, with all that jobs have done to it.",
				Why:     "What is written to disk before it leaves the memory would be incomplete, or would be read again before it is written.",
				Mutants: []string{"delete-waits", "delete-overtakes", "delete-ignored", "evicted-unseen"},
			},
			cases: []testCase{
				{name: "delete", run: deleteInTurn},
				{name: "evicted", needs: []Feature{FeatureKeysEvict}, run: evictedIsSeen},
			},
		},
		{
			Rule: Rule{
				ID: "KEY-5", Level: Must, Feature: FeatureKeys, Profile: ConcurrencyProfile, Method: Deterministic,
				Text:    "To look is not to use: At alone and Len make no key, and Len does not wait for a job.",
				Why:     "A page of statistics would hang with the first stuck key, or keep alive what it counts.",
				Mutants: []string{"at-makes-key", "len-waits"},
			},
			cases: []testCase{
				{name: "looking", run: lookingIsNoUse},
			},
		},
		{
			Rule: Rule{
				ID: "KEY-6", Level: Must, Feature: FeatureKeysDeleteIf, Profile: ConcurrencyProfile, Method: Stochastic,
				Text:    "A job can decide in its own turn that its key's State goes. What is queued behind it finds a new State, and no call is lost or runs on the old one. If the key has no State, the job does not run.",
				Why:     "The last guest who leaves would remove the room together with one who has just come.",
				Mutants: []string{"delete-if-late", "delete-if-makes-key", "delete-if-racy"},
			},
			cases: []testCase{
				{name: "decided", run: decidedInTurn},
				{name: "joins", run: joinsAndLeaves},
			},
		},
		{
			Rule: Rule{
				ID: "KEY-7", Level: Must, Feature: FeatureKeysPresent, Profile: ConcurrencyProfile, Method: Deterministic,
				Text:    "A call for a key that may be absent looks in its turn whether the key has a State, makes none, and says whether its job ran.",
				Why:     "A timer that fires late would bring back what was removed.",
				Mutants: []string{"present-looks-early", "present-makes-key"},
			},
			cases: []testCase{
				{name: "present", run: presentInTurn},
			},
		},
	}
}

// keyCalledAtOnce has several callers make the first calls of a key at the same moment.
func keyCalledAtOnce(t *trial) {
	const most = 50_000
	k := t.keyed()
	least := t.objectsAtPace(200, 25, 4)
	rng := rand.New(rand.NewPCG(t.o.seed, 8))
	spins := spinsIn(time.Microsecond)
	start := time.Now()
	n := 0
	for ; n < least || n < most && time.Since(start) < 2*t.slice(); n++ {
		if n%50 == 0 {
			runtime.GOMAXPROCS([]int{2, runtime.NumCPU(), 2, runtime.NumCPU(), 1}[n/50%5])
		}
		callers := 2 + n/50%3
		var inside atomic.Int64
		job := func(s *State) {
			if inside.Add(1) > 1 {
				t.fail("one object stands for a key", "two jobs of key %d ran at once, when %d callers had made its first calls", n, callers)
			}
			s.runs++
			inside.Add(-1)
		}
		begin := barrier{parties: callers, next: make(chan struct{})}
		var done []<-chan struct{}
		for c := range callers {
			pause := rng.IntN(spins)
			done = append(done, t.goes(func() {
				begin.pass()
				spin(pause)
				if o := k.At(n); c%2 == 0 {
					o.Do(job)
				} else {
					o.Async(job)
				}
			}))
		}
		for _, d := range done {
			t.await(d, "the first calls of a key return")
		}
		ran := 0
		t.do(k.At(n), func(s *State) { ran = s.runs }, "a Do on a key returns")
		if ran != callers {
			t.fatal("the jobs of a key run on one State", "of %d jobs of key %d, which were its first and came at once, the State of the next saw %d", callers, n, ran)
		}
		k.Delete(n)
	}
	t.tried("keys whose first calls came at once", n)
}

// holdKey occupies a key by a job that waits at a gate. Over is set when the job ends.
func (t *trial) holdKey(k Keyed, key int) (g *gate, over *atomic.Bool) {
	g, over = t.gate(), new(atomic.Bool)
	started := make(chan struct{})
	t.goes(func() { k.At(key).Async(func(s *State) { s.runs++; close(started); g.wait(); over.Store(true) }) })
	t.await(started, "a job on an idle key starts")
	return g, over
}

func keyDeletedWhileHeld(t *trial) {
	k := t.keyed()
	g, over := t.holdKey(k, 1)
	done := t.goes(func() { k.Delete(1) })
	t.patience(done)
	ran := make(chan struct{})
	called := t.goes(func() {
		k.At(1).Async(func(*State) {
			if !over.Load() {
				t.fail("one object stands for a key", "after a Delete a job of the key ran, although one in front of the Delete had not ended")
			}
			close(ran)
		})
	})
	t.patience(ran)
	g.open()
	t.await(done, "Delete returns")
	t.await(called, "a call for a key that is removed returns")
	t.await(ran, "a job of a key that is removed runs in the end")
}

func keyHeldBesideOthers(t *trial) {
	k := t.keyed()
	t.holdKey(k, 0)
	others := t.objectsAtPace(1000, 10, 1)
	for key := 1; key <= others; key++ {
		t.do(k.At(key), func(*State) {}, "a Do on key %d returns while a job of another key runs", key)
	}
	t.tried("keys beside one that is held", others)
}

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
	k.(KeyedEvictor).EvictIdle(soonEvicted, func(int, *State) {})
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
func evictedIsSeen(t *trial) {
	var seen, evicted atomic.Int64
	k := t.keyed()
	k.(KeyedEvictor).EvictIdle(soonEvicted, func(_ int, s *State) { seen.Add(int64(s.runs)); evicted.Add(1) })
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
		t.fatal("a State that is removed is given to the function for that first", "of %d jobs, those given had %d", jobs, n)
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
