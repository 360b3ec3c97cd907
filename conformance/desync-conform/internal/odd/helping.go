package odd

import (
	"context"
	"runtime/pprof"
	"slices"
	"sync"

	"github.com/go-desync/go-desync/conformance"
)

// helping is a queue of background jobs and of calls that wait. One that waits gets the
// turn with the jobs that were queued before it.
type helping struct {
	state conformance.State // of who has the turn

	mu   sync.Mutex
	all  []place
	busy bool
}

// A place is a background job or somebody who waits.
type place struct {
	job  func(*conformance.State)
	turn chan []place // the jobs to run before
}

func (h *helping) Async(job func(*conformance.State)) {
	if h.enter(place{job: job}) {
		go h.background([]place{{job: job}})
	}
}

func (h *helping) Do(job func(*conformance.State)) {
	turn := make(chan []place, 1)
	if !h.enter(place{turn: turn}) {
		for _, before := range <-turn {
			h.help(before.job)
		}
	}
	defer h.leave()
	job(&h.state)
}

// enter takes a place and reports whether the turn has come.
func (h *helping) enter(p place) (now bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now = !h.busy
	if h.busy = true; !now {
		h.all = append(h.all, p)
	}
	return now
}

// leave passes the turn on.
func (h *helping) leave() {
	h.mu.Lock()
	defer h.mu.Unlock()
	waits := slices.IndexFunc(h.all, func(p place) bool { return p.turn != nil })
	switch {
	case len(h.all) == 0:
		h.busy = false
	case waits < 0:
		go h.background(h.all)
		h.all = nil
	default:
		h.all[waits].turn <- slices.Clone(h.all[:waits])
		clear(h.all[:waits+1])
		if h.all = h.all[waits+1:]; len(h.all) == 0 {
			h.all = nil
		}
	}
}

func (h *helping) background(jobs []place) {
	defer h.leave()
	pprof.SetGoroutineLabels(context.Background())
	for i := range jobs {
		job := jobs[i].job
		jobs[i] = place{}
		job(&h.state)
	}
}

// help runs a job for somebody else. Its panic is not the helper's.
func (h *helping) help(job func(*conformance.State)) {
	defer func() {
		if v := recover(); v != nil {
			go panic(v)
			select {} // the process ends
		}
	}()
	job(&h.state)
}
