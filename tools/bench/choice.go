package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-desync/go-desync/tools/bench/internal/measure"
	"github.com/go-desync/go-desync/tools/bench/internal/report"
	"github.com/go-desync/go-desync/tools/bench/internal/subject"
	"github.com/go-desync/go-desync/tools/bench/internal/workload"
)

// How long and how often to run if --rounds is not given.
const (
	fullRounds    = 25
	quickRounds   = 10
	warmup        = 2
	fullRun       = 15 * time.Millisecond
	quickRun      = 3 * time.Millisecond
	fullChildren  = 5
	quickChildren = 1
	stuck         = 30 * time.Second
)

// measuring returns how long a run is and how many there are.
func (o *runOptions) measuring() measure.Options {
	m := measure.Options{Rounds: fullRounds, Warmup: warmup, Target: fullRun, Children: fullChildren, Limit: stuck}
	if o.Quick {
		m.Rounds, m.Target, m.Children = quickRounds, quickRun, quickChildren
	}
	if o.Rounds != nil {
		m.Rounds = *o.Rounds
	}
	return m
}

// A choice is a workload and the peers to measure it with.
type choice struct {
	workload.Workload
	peers []subject.Subject
}

// choose returns the workloads and peers that --run, --goals or --row picks.
func (o *runOptions) choose(all []workload.Workload, peers []subject.Subject) (chosen []choice, err error) {
	if len(o.Row) > 0 {
		return o.chooseRows(all, peers)
	}
	if o.Goals {
		peers = slices.DeleteFunc(slices.Clone(peers), func(p subject.Subject) bool {
			return !slices.ContainsFunc(subject.Goals(), func(g subject.Subject) bool { return g.Name() == p.Name() })
		})
	}
	var names []string
	for _, w := range all {
		if o.Goals && !workload.HasGoals(w) {
			continue
		}
		names = append(names, w.Name())
		if o.run.MatchString(w.Name()) {
			chosen = append(chosen, choice{w, peers})
		}
	}
	if len(chosen) == 0 {
		return nil, fmt.Errorf("--run=%s: no workload has such a name; there are: %s", o.Run, strings.Join(names, "; "))
	}
	return chosen, nil
}

func (o *runOptions) chooseRows(all []workload.Workload, peers []subject.Subject) (chosen []choice, err error) {
	var ids []string
	for _, w := range all {
		id := report.ID(w.Name())
		ids = append(ids, id)
		c := choice{Workload: w}
		var bounds []string
		asked := func(p subject.Subject) bool { return slices.Contains(o.Row, id+"/"+report.ID(p.Name())) }
		for _, p := range peers {
			if asked(p) {
				bounds = append(bounds, workload.Bound(w, p.Name()))
			}
		}
		for _, p := range peers {
			if asked(p) || slices.Contains(bounds, p.Name()) {
				c.peers = append(c.peers, p)
			}
		}
		if slices.ContainsFunc(o.Row, func(row string) bool { return strings.HasPrefix(row, id+"/") }) {
			chosen = append(chosen, c)
		}
	}
	for _, row := range o.Row {
		if id, _, _ := strings.Cut(row, "/"); !slices.Contains(ids, id) {
			return nil, fmt.Errorf("--row=%s: no workload has such a name; there are: %s", row, strings.Join(ids, "; "))
		}
	}
	return chosen, nil
}

// pick returns the rows that --row asks for, or all rows without it.
func (o *runOptions) pick(rows []report.Row) (picked []report.Row) {
	for _, r := range rows {
		if len(o.Row) == 0 || slices.Contains(o.Row, r.ID()) {
			picked = append(picked, r)
		}
	}
	return picked
}

// missing returns a row that --row asks for but the report does not have.
func (o *runOptions) missing(r *report.Report) (row string, missing bool) {
	for _, row := range o.Row {
		if !slices.ContainsFunc(r.Rows, func(r report.Row) bool { return r.ID() == row }) {
			return row, true
		}
	}
	return "", false
}
