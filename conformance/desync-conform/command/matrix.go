package command

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/go-desync/go-desync/conformance/desync-conform/internal/marked"
	"github.com/go-desync/go-desync/conformance/desync-conform/internal/matrix"
	"github.com/go-desync/go-desync/conformance/desync-conform/internal/mutant"
)

type matrixCommand struct {
	Seeds    int      `default:"20" placeholder:"N" help:"How many seeds to run the rules with that must find a mutant (${default})."`
	First    uint64   `default:"1" placeholder:"SEED" help:"The first seed (${default}); the others follow it. A seed draws the sizes, times and windows of the mutants too."`
	Stop     bool     `help:"End each run when its rule has found the mutant."`
	Mutant   []string `short:"m" placeholder:"NAME" help:"A mutant to run; may be given several times. Without it, all."`
	Kind     []string `short:"k" placeholder:"KIND" help:"A family of mutants to run: basic, size, time, window, cell, ending, race, leftover, subject or keys; may be given several times."`
	Whole    bool     `help:"Run all other rules on each mutant too, once."`
	Keep     string   `placeholder:"DIR" help:"Keep the result of each run in this directory, and take those that are there already: to go on after the command was broken off. They must be of the same program and flags."`
	Write    string   `placeholder:"FILE" help:"Put a summary into the file, between the lines <!-- mutants: ... --> and <!-- end of mutants -->."`
	Markdown string   `placeholder:"FILE" help:"Write the matrix to the file, as Markdown; without it, as a table to the standard output. The file is changed when the matrix is complete, not before."`
}

func (c *matrixCommand) Validate() error {
	if c.Seeds < 1 {
		return fmt.Errorf("--seeds=%d: must be at least 1", c.Seeds)
	}
	if c.First < 1 {
		return fmt.Errorf("--first=%d: must be at least 1", c.First)
	}
	return nil
}

func (c *matrixCommand) run(ctx context.Context, e *env) int {
	for _, name := range c.Mutant {
		if _, ok := mutant.Find(strings.TrimPrefix(name, "mutant/")); !ok {
			return e.usage("unknown mutant %q; desync-conform subjects lists them", name)
		}
	}
	for _, kind := range c.Kind {
		if !slices.ContainsFunc(mutant.All(), func(m mutant.Mutant) bool { return m.Kind == kind }) {
			return e.usage("--kind=%s: there are no such mutants; run desync-conform matrix --help for the kinds", kind)
		}
	}
	out := e.stdout
	if c.Markdown != "" {
		f, err := openKept("--markdown", c.Markdown)
		if err != nil {
			return e.usage("%v", err)
		}
		defer f.Close()
		out = f
	}
	m, err := c.kill(ctx, e)
	switch {
	case ctx.Err() != nil:
		e.complain("the matrix was broken off (%v), and nothing was written", context.Cause(ctx))
		return exitInconclusive
	case err != nil:
		return e.usage("%s; it needs the go command, and to run in the folder of the module conformance/desync-conform", strings.TrimPrefix(err.Error(), "matrix: "))
	}
	return c.report(e, out, m)
}

// kill runs the mutants.
func (c *matrixCommand) kill(ctx context.Context, e *env) (*matrix.Matrix, error) {
	bar := newMeter(e.stderr, plainInterval)
	defer bar.end()
	var names []string
	for _, name := range c.Mutant {
		names = append(names, strings.TrimPrefix(name, "mutant/"))
	}
	return matrix.Run(ctx, matrix.Config{
		Seeds: c.Seeds, First: c.First, Stop: c.Stop, Whole: c.Whole, Keep: c.Keep, Mutants: names, Kinds: c.Kind,
		Progress: func(done, total int) { bar.show(done, total, "runs on mutants") },
	})
}

// report writes the matrix and says what is missing in it.
func (c *matrixCommand) report(e *env, out io.Writer, m *matrix.Matrix) int {
	code := exitConforms
	var err error
	text := m.Table()
	if c.Markdown != "" {
		text = m.Markdown()
		if f, ok := out.(*os.File); ok {
			err = f.Truncate(0)
		}
	}
	if err == nil {
		_, err = io.WriteString(out, text)
	}
	if err != nil {
		e.complain("the matrix could not be written: %v", err)
		code = exitInconclusive
	}
	if c.Write != "" {
		if err := marked.Replace(c.Write, "mutants", m.Summary()); err != nil {
			e.complain("--write: %v", err)
			code = exitInconclusive
		}
	}
	if m.NoRace != "" {
		e.complain("the rules about memory did not run: %s", m.NoRace)
		code = exitInconclusive
	}
	if survivors := m.Survivors(); len(survivors) > 0 {
		e.complain("mutants survive:\n  %s", strings.Join(survivors, "\n  "))
		code = exitViolates
	}
	if barren := m.Barren(); len(barren) > 0 {
		e.complain("cases that found none of the mutants of their rules, so that their passes show nothing:\n  %s", strings.Join(barren, "\n  "))
		code = exitViolates
	}
	return code
}
