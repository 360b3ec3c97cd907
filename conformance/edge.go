package conformance

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
)

// An edgeLoop has some callers take an object from idle to busy and back as often as
// they can. It goes in rounds: each begins when the last job of the one before is about
// to end, all callers then make a call each, and it ends when the jobs have run. So a job
// that is lost is not found again by a later call. Pauses of 0 to 2 µs before the calls, and
// at the end of the jobs, let a call come at each moment about the end of the last job.
type edgeLoop struct {
	t       *trial
	o       Object
	plan    [][]edgeStep // by round, from the beginning again when it is through; then by caller
	rounds  int64
	spins   int                       // before a caller that waits lets others run
	jobs    [][]func(*State)          // by caller and place in its call
	open    [][]atomic.Bool           // whether the job has been handed over and has not run
	round   atomic.Int64              // the one that goes on
	left    atomic.Int64              // what is still to happen in it
	pending atomic.Int64              // jobs that have been handed over and have not ended
	crossed atomic.Int64              // calls that found none of them
	inside  atomic.Int64              // jobs that run
	faults  [4]atomic.Pointer[string] // by edgeFault

	mu     sync.Mutex
	moved  sync.Cond // when the round changes
	asleep atomic.Int64
}

// An edgeStep is what a caller does in a round.
type edgeStep struct {
	call  edgeCall
	pause int // spins before it
	tail  int // spins at the end of its jobs
}

// An edgeFault is what an edgeLoop can find beside jobs that never run.
type edgeFault int

const (
	ranTwice edgeFault = iota
	ranBeside
	ranEarly
	notRun
)

// mostInCall is how many jobs one call of an edgeLoop has.
const mostInCall = 16

func newEdgeLoop(t *trial, o Object, plan [][]edgeStep, rounds int64) *edgeLoop {
	e := &edgeLoop{t: t, o: o, plan: plan, rounds: rounds}
	if runtime.GOMAXPROCS(0) > 1 {
		e.spins = 100
	}
	e.moved.L = &e.mu
	for c := range plan[0] {
		e.open = append(e.open, make([]atomic.Bool, mostInCall))
		var jobs []func(*State)
		for i := range mostInCall {
			jobs = append(jobs, func(*State) { e.job(c, i) })
		}
		e.jobs = append(e.jobs, jobs)
	}
	e.left.Store(e.work(0))
	return e
}

// work is how much is to happen in a round.
func (e *edgeLoop) work(round int64) (n int64) {
	for _, s := range e.plan[round%int64(len(e.plan))] {
		n += int64(s.call.jobs)
	}
	return n
}

// caller makes the calls of one caller.
func (e *edgeLoop) caller(c int) {
	for r := range e.rounds {
		if !e.await(r) {
			return
		}
		s := e.step(r, c)
		spin(s.pause)
		s.call.make(e, c)
	}
	e.await(e.rounds)
}

// await waits for a round, at first without giving up the processor.
func (e *edgeLoop) await(r int64) bool {
	for i := 0; e.round.Load() < r; i++ {
		switch {
		case i < e.spins:
		case i < e.spins+200:
			runtime.Gosched()
		default:
			e.mu.Lock()
			e.asleep.Add(1)
			for e.round.Load() < r && e.t.ctx.Err() == nil {
				e.moved.Wait()
			}
			e.asleep.Add(-1)
			e.mu.Unlock()
			if e.t.ctx.Err() != nil {
				return false
			}
		}
	}
	return true
}

// over notes that something has happened. The last of a round begins the next.
func (e *edgeLoop) over() {
	if e.left.Add(-1) > 0 {
		return
	}
	next := e.round.Load() + 1
	e.left.Store(e.work(next))
	e.round.Store(next)
	if e.asleep.Load() > 0 {
		e.wake()
	}
}

func (e *edgeLoop) wake() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.moved.Broadcast()
}

// hand notes that a job is about to be handed over, and returns it.
func (e *edgeLoop) hand(c, i int) func(*State) {
	e.open[c][i].Store(true)
	e.arrive()
	return e.jobs[c][i]
}

func (e *edgeLoop) arrive() {
	if e.pending.Add(1) == 1 {
		e.crossed.Add(1)
	}
}

// job is what each job does.
func (e *edgeLoop) job(c, i int) {
	if e.inside.Add(1) > 1 {
		e.fault(ranBeside, "a job ran while another one did")
	}
	first := e.open[c][i].Swap(false)
	if i > 0 && e.open[c][i-1].Load() {
		e.fault(ranEarly, "a job ran before one that the same caller had handed over before it")
	}
	if first {
		tail := e.step(e.round.Load(), c).tail // before the next round begins
		e.over()
		spin(tail)
		e.pending.Add(-1)
	} else {
		e.fault(ranTwice, "a job ran a second time, or although its call had been refused")
	}
	e.inside.Add(-1)
}

// step returns what a caller does in a round.
func (e *edgeLoop) step(round int64, c int) *edgeStep {
	return &e.plan[round%int64(len(e.plan))][c]
}

// refused notes that a job will never run.
func (e *edgeLoop) refused(c, i int) {
	if e.open[c][i].Swap(false) {
		e.pending.Add(-1)
		e.over()
	}
}

// returned notes that a call which waits for its job has returned.
func (e *edgeLoop) returned(c, i int) {
	if e.open[c][i].Load() {
		e.fault(notRun, "a call that waits for its job returned, and the job had not run")
	}
}

func (e *edgeLoop) fault(f edgeFault, what string) { e.faults[f].CompareAndSwap(nil, &what) }

// run makes all rounds, and reports whether they ended.
func (e *edgeLoop) run() bool {
	stop := context.AfterFunc(e.t.ctx, e.wake)
	defer stop()
	done := e.t.goes(func() {
		var callers sync.WaitGroup
		for c := range e.plan[0] {
			callers.Go(func() { defer e.t.catch(); e.caller(c) })
		}
		callers.Wait()
	})
	return e.t.comes(done)
}

// edgePlan makes a plan for so many callers, of two kinds of call: the first caller
// most often makes one of the first kind, the others of the second. In every other round
// only one of them calls, and nobody comes after it.
func edgePlan(rng *rand.Rand, callers int, first, second edgeCall, spinsIn2us int) [][]edgeStep {
	plan := make([][]edgeStep, 32)
	for r := range plan {
		alone := -1
		if r%2 == 1 {
			alone = rng.IntN(callers)
		}
		for c := range callers {
			s := edgeStep{call: second}
			if c == 0 != (rng.IntN(8) == 0) {
				s.call = first
			}
			switch rng.IntN(4) { // what follows the end of a job is soon over
			case 0:
				s.pause = rng.IntN(spinsIn2us + 1)
			case 1:
				s.pause = rng.IntN(spinsIn2us/10 + 1)
			}
			if rng.IntN(4) > 0 {
				s.tail = rng.IntN(spinsIn2us/6 + 1)
			}
			if alone >= 0 && c != alone {
				s = edgeStep{call: edgeCall{make: func(*edgeLoop, int) {}}}
			}
			plan[r] = append(plan[r], s)
		}
	}
	return plan
}
