package matrix

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"sync"

	"github.com/go-desync/go-desync/conformance"
	"github.com/go-desync/go-desync/conformance/desync-conform/internal/kept"
	"github.com/go-desync/go-desync/conformance/desync-conform/internal/mutant"
)

// runs are the runs of one matrix.
type runs struct {
	Config
	matrix           *Matrix
	child, raceChild string
	results          *kept.Runs
	todo             []run

	mu   sync.Mutex
	done int
	errs []error
}

// A run is one rule on one mutant with one seed, or, without a rule, all of them.
type run struct {
	m         mutant.Mutant
	seed      uint64
	rule      string
	row, cell int
}

// alone reports whether the run is disturbed by what runs beside it: it must meet a
// moment.
func (r run) alone() bool { return r.m.Kind == "time" || r.m.Kind == "window" }

// plan makes the rows of the matrix, and what is to be run for them.
func (r *runs) plan(mutants []mutant.Mutant) {
	for i, m := range mutants {
		row := Row{Mutant: m.Name, Kind: m.Kind, Doc: m.Doc, Budget: string(m.Budget), Range: m.Range.String()}
		for j, rule := range m.Rules() {
			row.Cells = append(row.Cells, Cell{Rule: rule.ID, Method: rule.Method, Cases: map[string]int{}})
			for k := range uint64(r.Seeds) {
				r.todo = append(r.todo, run{m, r.First + k, rule.ID, i, j})
			}
		}
		if r.Whole {
			r.todo = append(r.todo, run{m: m, seed: r.First, row: i})
		}
		r.matrix.Rows = append(r.matrix.Rows, row)
	}
}

// all runs everything: first what can run beside others, then, one for each processor,
// what cannot.
func (r *runs) all(ctx context.Context) error {
	for _, alone := range []bool{false, true} {
		free := make(chan struct{}, r.Parallel)
		if alone {
			free = make(chan struct{}, min(r.Parallel, runtime.NumCPU()))
		}
		var wg sync.WaitGroup
		for _, todo := range r.todo {
			if todo.alone() != alone {
				continue
			}
			free <- struct{}{}
			wg.Go(func() {
				defer func() { <-free }()
				report, err := r.results.Once(ctx, fmt.Sprintf("%s-%s-%d", todo.m.Name, cmp.Or(todo.rule, "whole"), todo.seed), func() (*conformance.Report, error) {
					return r.check(ctx, todo)
				})
				r.note(todo, report, err)
			})
		}
		wg.Wait()
	}
	return errors.Join(r.errs...)
}

// note enters a run in the matrix.
func (r *runs) note(todo run, report *conformance.Report, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	row := &r.matrix.Rows[todo.row]
	switch {
	case err != nil:
		r.errs = append(r.errs, err)
	case todo.rule != "":
		what := fmt.Sprintf("seed %d", todo.seed)
		if p := todo.m.Param(todo.seed); p != "" {
			what += ", " + p
		}
		row.Cells[todo.cell].add(what, report.Rule(todo.rule))
	default:
		for _, res := range report.Rules {
			if res.Verdict == conformance.Fail && !slices.ContainsFunc(row.Cells, func(c Cell) bool { return c.Rule == res.Rule }) {
				row.Others = append(row.Others, res.Rule)
			}
		}
	}
	r.done++
	if r.Progress != nil {
		r.Progress(r.done, len(r.todo))
	}
}

// check makes a run.
func (r *runs) check(ctx context.Context, todo run) (*conformance.Report, error) {
	enough, found := context.WithCancel(ctx)
	defer found()
	child := []string{
		"child", "--subject=mutant/" + todo.m.Name, "--seed=" + strconv.FormatUint(todo.seed, 10), "--budget=" + string(todo.m.Budget),
	}
	opts := []conformance.Option{
		conformance.WithSeed(todo.seed), conformance.WithBudget(todo.m.Budget), conformance.WithIsolation(),
		conformance.WithChild(append([]string{r.child}, child...)...),
		conformance.WithProgress(func(c conformance.CaseResult) {
			if r.Stop && c.Rule == todo.rule && c.Verdict == conformance.Fail {
				found()
			}
		}),
	}
	if r.raceChild != "" {
		opts = append(opts, conformance.WithRaceChild(append([]string{r.raceChild}, child...)...))
	}
	if todo.rule != "" {
		opts = append(opts, conformance.WithRules(todo.rule))
		for _, meta := range []string{"META-1", "META-2"} {
			if todo.rule != meta {
				opts = append(opts, conformance.WithSkip(meta, "only the rule that must find the mutant is run"))
			}
		}
	}
	report, err := conformance.Check(enough, todo.m.Factory(), opts...)
	if err == nil {
		err = ctx.Err()
	}
	return report, err
}
