package conformance

import (
	"cmp"
	"math/rand/v2"
	"runtime"
	"time"
)

// idleAndBusy crosses the edge between idle and busy as often as it can, with each
// pair of kinds of call, and judges what the case's own rule says.
func idleAndBusy(t *trial) {
	t.findPace()
	rng := rand.New(rand.NewPCG(t.o.seed, 2))
	calls := t.edgeCalls()
	spins := spinsIn(2 * time.Microsecond)
	start := time.Now()
	pairs := rng.Perm(len(calls) * len(calls))
	slice := t.slice()
	if t.rule == "EXE-2" { // what goes wrong at the edge most often
		slice *= 2
		if t.o.budget == Short {
			slice *= 2
		}
	}
	const stretches, least = 8, 50
	for n := 0; n < stretches || time.Since(start) < slice; n++ {
		if passed := time.Since(start); n < stretches && passed > slice+t.patch() {
			if t.crossings < least {
				t.inconclusive("it is too slow here: it crossed the edge %d times in %v", t.crossings, passed.Round(time.Millisecond))
			}
			return
		}
		pair := pairs[n/3%len(pairs)]
		switch n % 3 {
		case 0: // the two kinds that every object has
			common := []int{0, plainDo}
			pair = common[n/3%2]*len(calls) + common[n/6%2]
		case 1: // all hand over many at once, and meet in the queue
			pair = manyAsync * (len(calls) + 1)
		}
		callers := []int{2, 3, 2, 4, 2, 8}[n/3%6]
		runtime.GOMAXPROCS([]int{2, runtime.NumCPU(), 2, runtime.NumCPU(), 2, 1}[n/9%6])
		plan := edgePlan(rng, callers, calls[pair/len(calls)], calls[pair%len(calls)], spins)
		e := newEdgeLoop(t, t.object(), plan, t.edgeRounds(callers))
		t.expect("all calls return and all jobs run while the object goes from idle to busy and back")
		ended := e.run()
		t.judgeEdge(e, ended, calls[pair/len(calls)].name+" beside "+calls[pair%len(calls)].name)
		t.closeSince(0)
	}
}

// edgeRounds is how many rounds are one stretch.
func (t *trial) edgeRounds(callers int) int64 {
	each := time.Duration(callers) * cmp.Or(t.known().trip, 1)
	return int64(min(500, max(2, t.slice()/8/each)))
}

// judgeEdge ends the case if the rounds show a fault that is its rule's.
func (t *trial) judgeEdge(e *edgeLoop, ended bool, calls string) {
	t.mu.Lock()
	t.crossings += e.crossed.Load()
	t.mu.Unlock()
	switch own := map[string]edgeFault{"EXE-1": ranTwice, "EXC-1": ranBeside, "ORD-4": ranEarly, "EXE-2": notRun}[t.rule]; {
	case t.failed():
		runtime.Goexit()
	case e.faults[own].Load() != nil:
		t.fatal("the object keeps the rule when it goes from idle to busy and back", "%s, with %d callers and the calls %s, after %d passages", *e.faults[own].Load(), len(e.plan[0]), calls, t.crossings)
	case !ended && t.rule == "EXE-2":
		t.fatal("all calls return and all jobs run when the object goes from idle to busy and back",
			"no goroutine can run any more, and in round %d %d jobs have not run, with %d callers and the calls %s, after %d passages", e.round.Load()+1, e.left.Load(), len(e.plan[0]), calls, t.crossings)
	case !ended:
		t.inconclusive("a job did not run when the object went from idle to busy and back: see EXE-2")
	}
}

// spinsIn returns how many spins take so long, on a machine that does nothing else.
func spinsIn(d time.Duration) int {
	const n = 20_000
	best := time.Hour
	for range 5 {
		start := time.Now()
		spin(n)
		best = min(best, time.Since(start))
	}
	return int(n * d / max(best, 1))
}
