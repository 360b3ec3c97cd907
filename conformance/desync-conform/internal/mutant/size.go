package mutant

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/go-desync/go-desync/conformance"
)

// How far the sizes go: for what is queued, for callers that wait, and for objects that
// are in use at once.
const (
	mostQueued  = 1 << 17
	mostCallers = 1 << 13
	mostObjects = 1 << 12
)

// sizes are the mutants that are right up to a size, which is called N.
func sizes() []Mutant {
	all := []Mutant{
		{Name: string(growthBreaksOrderFrom), Budget: conformance.Full, Rule: "ORD-4", Range: Range{8, 1 << 16, "places", 4096}, Doc: "a ring with at least N places grows without moving what had wrapped around"},
		{Name: string(ringWrapsWrongFrom), Budget: conformance.Full, Rule: "ORD-4", Range: Range{16, 1 << 16, "places", 0}, Doc: "in a ring with at least N places the job that wraps around gets the place before its own"},
		{Name: string(growthDoublesFrom), Budget: conformance.Full, Rule: "EXE-1", Range: Range{8, 1 << 16, "places", 0}, Doc: "the last job is there twice when a ring with at least N places has grown"},
		{Name: string(queueMemoryKeptFrom), Rule: "LEAK-2", Range: Range{128, 1 << 16, "places", 0}, Doc: "a ring with at least N places keeps its size, and what was in it"},
		{Name: string(jobDroppedAt), Budget: conformance.Full, Rule: "EXE-2", Range: Range{1, mostQueued - 1, "jobs", 1 << 16}, Doc: "a job that finds exactly N others queued is forgotten"},
		{Name: string(asyncWaitsFrom), Rule: "ASY-1", Range: Range{1, mostQueued - 1, "jobs", 0}, Doc: "Async waits while N jobs are queued"},
		{Name: "job-lost-at-count", Budget: conformance.Full, Rule: "EXE-2", Range: Range{4, mostQueued - 1, "jobs", 0}, Doc: "each N-th Async on an object is forgotten", change: jobLostAtCount},
		{Name: string(waiterForgottenAt), Rule: "EXE-2", Range: Range{1, mostCallers - 1, "callers", 0}, Doc: "a call that has to wait and finds exactly N others queued is forgotten"},
		{Name: string(doOvertakesFrom), Rule: "ORD-3", Range: Range{1, mostCallers, "jobs", 0}, Doc: "a Do that finds N or more queued goes in front of them"},
		{Name: string(cancelMissesFrom), Rule: "CAN-1", Range: Range{1, mostCallers - 1, "callers", 0}, Doc: "a call that is given up behind N or more others returns its error, and its job runs later"},
		{Name: string(canceledKeptFrom), Rule: "CAN-4", Range: Range{1, mostCallers / 2, "calls", 0}, Doc: "the object keeps the jobs of calls that were given up, from the N-th on"},
		{Name: "suspension-ignored-at-size", Rule: "SUS-1", Range: Range{1, mostCallers / 2, "suspensions", 0}, Doc: "Suspend does nothing while N suspensions are open", change: suspensionIgnoredAt},
		{Name: "resume-generation-wraps", Rule: "SUS-2", Range: Range{2, mostCallers / 2, "suspensions", 256}, Doc: "a second call of a resume ends the suspension that came N later", change: resumeGenerationWraps},
		{Name: "future-slot-reused", Rule: "FUT-1", Range: Range{2, mostCallers, "futures", 0}, Doc: "a future returns the result of the one that was made N later, once there is one", change: futureSlotReused},
		{Name: "several-hold-first-n", Rule: "MUL-1", Range: Range{1, 63, "objects", 0}, Doc: "DoAll holds the first N objects only", change: severalHoldFirst},
		{Name: "refused-tries-wedge", Rule: "TRY-1", Range: Range{2, 2048, "refusals", 0}, Doc: "the N-th Try that is refused leaves a place in the queue, at which the object stops", change: refusedTriesWedge},
		{Name: string(objectsShareStripes), Rule: "PAR-1", Range: Range{8, mostObjects, "objects", 0}, Doc: "the N-th object after another one shares a lock with it, which is held while a job runs"},
		{Name: string(poolExhausted), Rule: "PAR-1", Range: Range{8, mostObjects, "objects", 0}, Doc: "N workers run the background jobs of all objects"},
	}
	return family("size", conformance.Short, all)
}

func jobLostAtCount(s *shell) {
	var calls atomic.Int64
	s.async = func(f job) {
		if calls.Add(1)%int64(s.n) != 0 {
			s.object.Async(f)
		}
	}
}

func suspensionIgnoredAt(s *shell) {
	var open atomic.Int64
	s.suspend = func() (resume func()) {
		if open.Add(1) > int64(s.n) {
			return sync.OnceFunc(func() { open.Add(-1) })
		}
		ends := s.object.Suspend()
		return sync.OnceFunc(func() { open.Add(-1); ends() })
	}
}

// A suspension is known by its number modulo N. To resume it marks that number; the
// suspension takes the mark away.
func resumeGenerationWraps(s *shell) {
	var mu sync.Mutex
	changed := sync.NewCond(&mu)
	marked := map[int]bool{}
	made := 0
	s.suspend = func() (resume func()) {
		mu.Lock()
		generation := made % s.n
		made++
		mu.Unlock()
		s.mustQueue(&entry{job: func() {
			mu.Lock()
			defer mu.Unlock()
			for !marked[generation] {
				changed.Wait()
			}
			delete(marked, generation)
		}})
		return func() {
			mu.Lock()
			defer mu.Unlock()
			marked[generation] = true
			changed.Broadcast()
		}
	}
}

func futureSlotReused(s *shell) {
	var mu sync.Mutex
	var slots []conformance.Wait
	made := 0
	s.future = func(f jobResult) conformance.Wait {
		mu.Lock()
		defer mu.Unlock()
		slot := made % s.n
		if made++; slot == len(slots) {
			slots = append(slots, nil)
		}
		slots[slot] = s.object.Future(f)
		return func(ctx context.Context) (int, error) {
			mu.Lock()
			wait := slots[slot]
			mu.Unlock()
			return wait(ctx)
		}
	}
}

func severalHoldFirst(s *shell) {
	s.doAll = func(others []conformance.Object, f jobOfAll) {
		held := min(len(others), s.n-1)
		s.object.DoAll(others[:held], func(states []*conformance.State) {
			for _, o := range others[held:] {
				states = append(states, &o.(interface{ base() *object }).base().state)
			}
			f(states)
		})
	}
}

func refusedTriesWedge(s *shell) {
	var refused atomic.Int64
	s.tryDo = func(f job) bool {
		if s.object.TryDo(f) {
			return true
		}
		if refused.Add(1) == int64(s.n) {
			s.object.Suspend()
		}
		return false
	}
}
