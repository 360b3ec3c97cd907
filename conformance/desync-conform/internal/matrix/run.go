package matrix

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/go-desync/go-desync/conformance/desync-conform/internal/kept"
	"github.com/go-desync/go-desync/conformance/desync-conform/internal/mutant"
)

// Config says how much is to be run. The zero value of a field means its default.
type Config struct {
	Seeds    int                   // runs of each mutant with each rule that must find it; 20
	First    uint64                // the first seed; 1
	Stop     bool                  // end a run when its rule has found the mutant
	Whole    bool                  // run all other rules too, once
	Keep     string                // a directory for the results of the runs, see package kept; none
	Mutants  []string              // names; all
	Kinds    []string              // families; all
	Parallel int                   // runs at a time, which wait most of the time; 3 for each CPU
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
	c.Seeds, c.First = cmp.Or(c.Seeds, 20), cmp.Or(c.First, 1)
	c.Parallel = cmp.Or(c.Parallel, 3*runtime.NumCPU())
	if c.Seeds < 0 || c.Parallel < 0 {
		return nil, fmt.Errorf("matrix: %d seeds, %d at a time", c.Seeds, c.Parallel)
	}
	mutants, err := chosen(c)
	if err != nil {
		return nil, err
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
	m := &Matrix{Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.NumCPU(), Seeds: c.Seeds, First: c.First, Stop: c.Stop, Whole: c.Whole, Part: len(c.Mutants)+len(c.Kinds) > 0}
	raceChild := filepath.Join(dir, "race-child")
	if err := build(ctx, raceChild, "-race"); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		raceChild, m.NoRace = "", err.Error()
	}

	results, err := results(c, child, raceChild)
	if err != nil {
		return nil, fmt.Errorf("matrix: %w", err)
	}
	start := time.Now()
	r := &runs{Config: c, matrix: m, child: child, raceChild: raceChild, results: results}
	r.plan(mutants)
	err = r.all(ctx)
	m.Took = time.Since(start)
	return m, cmp.Or(ctx.Err(), err)
}

// results opens the directory c.Keep.
func results(c Config, child, raceChild string) (*kept.Runs, error) {
	if c.Keep == "" {
		return nil, nil
	}
	plain, err := kept.Sum(child)
	if err != nil {
		return nil, err
	}
	race, err := kept.Sum(raceChild)
	if err != nil {
		return nil, err
	}
	return kept.Open(c.Keep, fmt.Sprintf("program %s, race program %s, stop %t", plain, race, c.Stop))
}

// chosen returns the mutants to run.
func chosen(c Config) (mutants []mutant.Mutant, err error) {
	all := mutant.All()
	for _, name := range c.Mutants {
		m, ok := mutant.Find(name)
		if !ok {
			return nil, fmt.Errorf("matrix: no mutant %q", name)
		}
		mutants = append(mutants, m)
	}
	for _, kind := range c.Kinds {
		n := len(mutants)
		for _, m := range all {
			if m.Kind == kind {
				mutants = append(mutants, m)
			}
		}
		if len(mutants) == n {
			return nil, fmt.Errorf("matrix: no mutants of the kind %q", kind)
		}
	}
	if len(c.Mutants)+len(c.Kinds) == 0 {
		mutants = all
	}
	return mutants, nil
}

// build builds the child program, without the commit, which would change its sum.
func build(ctx context.Context, file string, flags ...string) error {
	args := slices.Concat([]string{"build", "-buildvcs=false"}, flags, []string{"-o", file, program})
	if out, err := exec.CommandContext(ctx, "go", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}
