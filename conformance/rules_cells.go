package conformance

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/go-desync/go-desync/conformance/internal/standstill"
)

// cellCase returns the case that plays a rule's cells, and whether it has any.
func cellCase(rule string) (c testCase, ok bool) {
	if !slices.Contains(rulesOfCells(), rule) {
		return c, false
	}
	return testCase{name: cellsCase, run: playCells}, true
}

// cellsCase is the name of the cases that play cells.
const cellsCase = "cells"

// rulesOfCells returns the rules that the cells are played for.
func rulesOfCells() []string {
	return []string{
		"ORD-3", "EXE-1", "EXE-2", "EXC-1", "SYN-1", "SYN-2", "ASY-1", "NST-1", "NST-2", "LOCK-1", "FUT-1", "FUT-2",
		"CAN-1", "CAN-2", "CAN-3", "CAN-4", "TRY-1", "TRY-2", "AFT-1", "SUS-1", "SUS-2", "MUL-1",
		"PAN-1", "PAN-2", "PAN-3", "PAN-4", "PAN-5", "HLP-2", "CLO-1", "CLO-2", "CLO-3", "LEAK-1", "LEAK-2",
	}
}

// playCells plays cells of the rule: all, or some in which each pair of values occurs.
func playCells(t *trial) {
	has := map[Feature]bool{}
	for _, f := range Features() {
		has[f] = t.has(f)
	}
	all := t.calmed(cellsFor(t.rule, func(f Feature) bool { return has[f] }))
	if len(all) == 0 {
		t.mu.Lock()
		t.unclaimed = "the object has none of the calls that the rule's cells need"
		t.mu.Unlock()
		return
	}
	rng := rand.New(rand.NewPCG(t.subject.o.seed, 2))
	count := newCellCounts(all)
	t.mu.Lock()
	t.cells = count.rows
	t.mu.Unlock()
	limit := time.Hour
	chosen := all
	switch t.o.budget {
	case Short:
		chosen = chooseCells(all, rng)
		limit = time.Second
	case Full:
		chosen = append(chooseCells(all, rng), shuffledCells(all, rng)...)
		limit = time.Second
	}
	batch := 150
	if !t.has(FeatureParallel) {
		batch = 1
	}
	unjudged := t.calm
	if aboutEndings(t.rule) {
		unjudged = ""
	}
	for start := time.Now(); len(chosen) > 0 && (time.Since(start) < limit) && !t.failed(); {
		n := min(batch, len(chosen))
		why, kept := t.playBatch(chosen[:n], count)
		if why != "" {
			unjudged = why
		}
		t.nothingKept(kept, batch, count)
		chosen = chosen[n:]
	}
	if count.ran() == 0 && unjudged != "" && !t.failed() {
		t.inconclusive("none of its cells could be judged: %s", unjudged)
	}
	t.mu.Lock()
	t.note = count.String()
	if unjudged != "" {
		t.note += "; " + unjudged
	}
	t.mu.Unlock()
}

// playBatch plays cells side by side. It returns why some could not be judged, if so, and
// what they have left, if the rule is about that.
func (t *trial) playBatch(cells []cell, count *cellCounts) (unjudged string, kept []*carried) {
	t.mu.Lock()
	t.made = nil // those of the batch before are no more
	t.mu.Unlock()
	over := newCount(len(cells))
	var runs []*cellRun
	var left []*carried
	atEnd, whileHeld := looks(t.rule)
	held, goOn := newCount(len(cells)), t.gate()
	look := func() []standstill.Goroutine { return nil }
	if t.rule == "LEAK-1" {
		look = t.lookForLeaks()
	}
	t.expect("the cells of the table come to their end")
	for _, c := range cells {
		if why := t.spoils(c); why != "" {
			unjudged = "others hang: see " + why
			over.add()
			held.add()
			continue
		}
		r := newCellRun(t, c)
		here := sync.OnceFunc(held.add)
		if atEnd || whileHeld {
			r.left = &carried{c: c, job: newProbe(), ctx: newProbe()}
			left = append(left, r.left)
		}
		if whileHeld {
			r.heldYet = func() { here(); goOn.wait() }
		}
		runs = append(runs, r)
		go func() {
			defer over.add()
			defer here()
			r.play()
		}()
	}
	if whileHeld && t.comes(held.full) {
		kept = t.kept(left)
	}
	goOn.open()
	moves := t.comes(over.full)
	switch {
	case !moves:
	case t.rule == "LEAK-2":
		kept = t.kept(left)
	default:
		t.noGoroutines(look, cells)
	}
	var own []string
	for _, r := range runs {
		r.mu.Lock()
		faults := r.broken
		if !r.done && !moves {
			faults = append(faults, r.pending)
			t.leaveBehind(r.c, r.pending)
		}
		r.mu.Unlock()
		i := slices.IndexFunc(faults, func(f cellFault) bool { return f.rule == t.rule })
		switch {
		case i >= 0:
			own = append(own, fmt.Sprintf("expected: %s\n  happened: %s\n  in the cell: %s", faults[i].expected, faults[i].happened, r.c))
			count.add(r.c, true)
		case !r.finished:
			unjudged = fmt.Sprintf("others come to no end: see %s: %s", faults[len(faults)-1].rule, r.c)
		default: // what other rules say is no matter
			count.add(r.c, false)
		}
	}
	if len(own) > 0 {
		more := ""
		if len(own) > 1 {
			more = fmt.Sprintf("\n  and so in %d more of %d cells", len(own)-1, len(cells))
		}
		t.failWith(&Failure{Rule: t.rule, Message: t.rule + ": " + own[0] + more})
	}
	return unjudged, kept
}

// What is reachable for a moment from a stack or a pool is no leak. So cells after which
// something is left are played again, as often as copies says, and it has to be left again.
const (
	copies   = 3
	mostSeen = 20 // cells that are played again
)

// nothingKept plays cells again after which something was left, and fails if it has been
// left by two copies of one.
func (t *trial) nothingKept(suspects []*carried, batch int, count *cellCounts) {
	times := map[cell]int{}
	var cells []cell
	for _, p := range suspects[:min(len(suspects), mostSeen)] {
		cells = append(cells, slices.Repeat([]cell{p.c}, copies)...)
	}
	for len(cells) > 0 && !t.failed() {
		n := min(batch, len(cells))
		_, kept := t.playBatch(cells[:n], count)
		cells = cells[n:]
		for _, p := range kept {
			if times[p.c]++; times[p.c] < 2 || t.failed() {
				continue
			}
			what, when := "job", "that has ended"
			if p.job.gone.Load() > 0 {
				what = "context"
			}
			if t.rule == "CAN-4" {
				when = "of a call that was given up, although it is still busy"
			}
			t.fail("the object does not keep a job or a context "+when, "the %s is still there\n  in the cell: %s\n  twice in %d times; something was left once in %d cells more", what, p.c, copies, len(suspects)-1)
		}
	}
}

// leaveBehind notes that a cell has come to no end, and what it waited for.
func (t *trial) leaveBehind(c cell, at cellFault) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stuck = true
	if t.spoiled == nil {
		t.spoiled = map[spoil]string{}
	}
	if at.next {
		t.spoiled[spoil{next: true, call: c.next}] = at.rule
	} else {
		t.spoiled[spoil{call: c.call, state: c.state}] = at.rule
	}
}

// spoils returns the rule by which cells like this one should have come to an end, and
// did not; "" if it is the rule of the case, or if they do.
func (t *trial) spoils(c cell) (rule string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range []spoil{{next: true, call: c.next}, {call: c.call, state: c.state}} {
		if rule := t.spoiled[s]; rule != "" && rule != t.rule {
			return rule
		}
	}
	return ""
}
