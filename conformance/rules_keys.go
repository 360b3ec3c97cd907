package conformance

import (
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"time"
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
				Text:    "A State that is removed is removed in its turn: jobs in front of a Delete find the old State, jobs behind it a new one. Delete does not wait. One that is removed because it was idle is given to the function for that first, with all that jobs have done to it. If that fails, the State stays, and it is tried again later.",
				Why:     "What is written to disk before it leaves the memory would be incomplete, or would be read again before it is written.",
				Mutants: []string{"delete-waits", "delete-overtakes", "delete-ignored", "evicted-unseen", "unsaved-evicted", "unsaved-stays"},
			},
			cases: []testCase{
				{name: "delete", run: deleteInTurn},
				{name: "evicted", needs: []Feature{FeatureKeysEvict}, run: evictedIsSeen},
				{name: "kept", needs: []Feature{FeatureKeysEvict}, run: evictedIsKept},
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
	const most = 200_000
	const batch = 50
	k := t.keyed()
	least := t.objectsAtPace(200, batch, 4)
	rng := rand.New(rand.NewPCG(t.o.seed, 8))
	spins := spinsIn(time.Microsecond)
	start := time.Now()
	n := 0
	for ; n < least || n < most && time.Since(start) < 2*t.slice(); n += batch {
		runtime.GOMAXPROCS([]int{2, runtime.NumCPU(), 2, runtime.NumCPU(), 1}[n/batch%5])
		callers := 2 + n/batch%3
		var inside [batch]atomic.Int64
		var arrived atomic.Int64
		var done []<-chan struct{}
		for c := range callers {
			rng := rand.New(rand.NewPCG(rng.Uint64(), 8))
			done = append(done, t.goes(func() {
				for i := range batch {
					meet(&arrived, int64(callers*(i+1)))
					spin(rng.IntN(spins))
					job := func(s *State) {
						if inside[i].Add(1) > 1 {
							t.fail("one object stands for a key", "two jobs of key %d ran at once, when %d callers had made its first calls", n+i, callers)
						}
						s.runs++
						inside[i].Add(-1)
					}
					if o := k.At(n + i); c%2 == 0 {
						o.Do(job)
					} else {
						o.Async(job)
					}
				}
			}))
		}
		for _, d := range done {
			t.await(d, "the first calls of a key return")
		}
		for i := range batch {
			ran := 0
			t.do(k.At(n+i), func(s *State) { ran = s.runs }, "a Do on a key returns")
			if ran != callers {
				t.fatal("the jobs of a key run on one State", "of %d jobs of key %d, which were its first and came at once, the State of the next saw %d", callers, n+i, ran)
			}
			k.Delete(n + i)
		}
	}
	t.tried("keys whose first calls came at once", n)
}

// meet adds one to arrived and returns when it has come to all. It looks again and again: one
// who sleeps comes later than the others by more than most windows are wide.
func meet(arrived *atomic.Int64, all int64) {
	arrived.Add(1)
	for looks := 1; arrived.Load() < all; looks++ {
		switch {
		case looks > 1_000_000: // another one may never come
			time.Sleep(time.Millisecond)
		case looks%1000 == 0:
			runtime.Gosched()
		}
	}
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
