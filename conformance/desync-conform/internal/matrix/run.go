package matrix

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/go-desync/go-desync/conformance"
	"github.com/go-desync/go-desync/conformance/desync-conform/internal/mutant"
)

// Config says how much is to be run. The zero value of a field means its default.
type Config struct {
	Seeds    int                   // runs of each mutant with the rules that must find it; 20
	Whole    bool                  // run all other rules too, once
	Mutants  []string              // names; all
	Parallel int                   // mutants at a time, which wait most of the time; 3 for each CPU
	Progress func(done, total int) // called by one goroutine at a time
}

// program is the command, which has the mutants among its subjects. As a child process
// it runs a case on one.
const program = "github.com/go-desync/go-desync/conformance/desync-conform"

// Run runs the mutants, each case in a process of its own. For that it builds the
// command desync-conform with the go command, so it must be called within this module or a
// workspace with it. Without a C compiler there is no race detector, and the rules
// that need it read not-run.
func Run(ctx context.Context, c Config) (*Matrix, error) {
	c.Seeds = cmp.Or(c.Seeds, 20)
	c.Parallel = cmp.Or(c.Parallel, 3*runtime.NumCPU())
	if c.Seeds < 0 || c.Parallel < 0 {
		return nil, fmt.Errorf("matrix: %d seeds, %d at a time", c.Seeds, c.Parallel)
	}
	mutants := mutant.All()
	if len(c.Mutants) > 0 {
		mutants = nil
		for _, name := range c.Mutants {
			m, ok := mutant.Find(name)
			if !ok {
				return nil, fmt.Errorf("matrix: no mutant %q", name)
			}
			mutants = append(mutants, m)
		}
	}
	dir, err := os.MkdirTemp("", "matrix-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	child := filepath.Join(dir, "child")
	if err := build(ctx, child); err != nil {
		return nil, fmt.Errorf("matrix: cannot build the child program: %w", err)
	}
	m := &Matrix{Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.NumCPU(), Seeds: c.Seeds, Whole: c.Whole}
	raceChild := filepath.Join(dir, "race-child")
	if err := build(ctx, raceChild, "-race"); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		raceChild, m.NoRace = "", err.Error()
	}

	start := time.Now()
	r := runs{child: child, raceChild: raceChild, progress: c.Progress, total: len(mutants) * c.Seeds}
	if c.Whole {
		r.total += len(mutants)
	}
	m.Rows = make([]Row, len(mutants))
	errs := make([]error, len(mutants))
	var wg sync.WaitGroup
	free := make(chan struct{}, c.Parallel)
	for i, mu := range mutants {
		free <- struct{}{}
		wg.Go(func() {
			defer func() { <-free }()
			m.Rows[i], errs[i] = r.row(ctx, mu, c)
		})
	}
	wg.Wait()
	m.Took = time.Since(start)
	return m, cmp.Or(ctx.Err(), errors.Join(errs...))
}

// build builds the child program.
func build(ctx context.Context, file string, flags ...string) error {
	args := slices.Concat([]string{"build"}, flags, []string{"-o", file, program})
	if out, err := exec.CommandContext(ctx, "go", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

// runs are the runs of one matrix.
type runs struct {
	child, raceChild string

	mu          sync.Mutex
	progress    func(done, total int)
	done, total int
}

// row runs one mutant.
func (r *runs) row(ctx context.Context, m mutant.Mutant, c Config) (Row, error) {
	row := Row{Mutant: m.Name, Doc: m.Doc}
	var ids []string
	for _, rule := range m.Rules() {
		ids = append(ids, rule.ID)
		row.Cells = append(row.Cells, Cell{Rule: rule.ID, Method: rule.Method, Cases: map[string]int{}})
	}
	for seed := range c.Seeds {
		rep, err := r.check(ctx, m, uint64(seed)+1, ids)
		if err != nil {
			return row, err
		}
		for i := range row.Cells {
			row.Cells[i].add(rep.Rule(row.Cells[i].Rule))
		}
	}
	if c.Whole {
		rep, err := r.check(ctx, m, 1, nil)
		if err != nil {
			return row, err
		}
		for _, res := range rep.Rules {
			if res.Verdict == conformance.Fail && !slices.Contains(ids, res.Rule) {
				row.Others = append(row.Others, res.Rule)
			}
		}
	}
	return row, nil
}

// check runs the suite on a mutant, or some rules of it.
func (r *runs) check(ctx context.Context, m mutant.Mutant, seed uint64, rules []string) (*conformance.Report, error) {
	child := []string{"child", "--subject=mutant/" + m.Name, "--seed=" + strconv.FormatUint(seed, 10)}
	opts := []conformance.Option{
		conformance.WithSeed(seed), conformance.WithRules(rules...), conformance.WithIsolation(),
		conformance.WithChild(append([]string{r.child}, child...)...),
	}
	if r.raceChild != "" {
		opts = append(opts, conformance.WithRaceChild(append([]string{r.raceChild}, child...)...))
	}
	rep, err := conformance.Check(ctx, m.Factory(), opts...)
	if err == nil {
		err = ctx.Err()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done++
	if r.progress != nil {
		r.progress(r.done, r.total)
	}
	return rep, err
}
