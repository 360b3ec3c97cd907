package main

import (
	"context"
	"fmt"
	"os"

	"github.com/go-desync/go-desync/tools/bench/internal/measure"
	"github.com/go-desync/go-desync/tools/bench/internal/report"
	"github.com/go-desync/go-desync/tools/bench/internal/subject"
	"github.com/go-desync/go-desync/tools/bench/internal/workload"
)

// run measures and writes the report.
func (b *bench) run(ctx context.Context, opts runOptions) int {
	chosen, err := opts.choose(workload.All(), b.peers)
	if err != nil {
		b.complain(err)
		return exitUsage
	}
	if err := opts.writable(); err != nil {
		b.complain(err)
		return exitUsage
	}
	how := opts.measuring()
	how.Isolate, how.Shrink = b.isolate, b.shrink
	r := &report.Report{
		Format: report.Format, Machine: b.machine, Subjects: describe(append([]subject.Subject{b.own}, b.peers...)),
		Quick: opts.Quick, Rounds: how.Rounds, Workloads: len(chosen), Rows: []report.Row{}, LeftOut: []report.Omission{},
	}
	if !opts.JSON {
		if err := r.WriteMachine(b.stdout); err != nil {
			return b.unwritten(err)
		}
	}

	fault := b.measure(ctx, chosen, &opts, how, r)
	if row, missing := opts.missing(r); fault == nil && missing {
		b.complain(fmt.Errorf("--row=%s: the workload has no such row; without --row the last column of the table names them", row))
		return exitUsage
	}
	if err := b.write(r, &opts); err != nil {
		return b.unwritten(err)
	}

	reached, all := r.Goals()
	switch {
	case fault != nil && ctx.Err() != nil:
		return exitInterrupted
	case fault != nil:
		b.complain(fault)
		return exitFault
	case opts.Strict && reached < all:
		return exitFault
	}
	return exitDone
}

// measure fills in the report. It stops at the first run that is wrong.
func (b *bench) measure(ctx context.Context, chosen []choice, opts *runOptions, how measure.Options, r *report.Report) error {
	p := newProgress(b.stderr, chosen, how)
	defer p.end()
	for i, w := range chosen {
		how.Step = p.begin(i, w.Name())
		rows, err := w.Measure(ctx, b.own, w.peers, how)
		if err != nil {
			err = fmt.Errorf("%s: %w", w.Name(), err)
			r.Partial = true
			if ctx.Err() == nil {
				r.Fault = err.Error()
			}
			return err
		}
		r.Add(opts.pick(rows)...)
		r.LeftOut = append(r.LeftOut, w.LeftOut(w.peers, how)...)
		r.Complete++
	}
	return nil
}

// write writes the report in all the forms that are asked for.
func (b *bench) write(r *report.Report, opts *runOptions) error {
	write := r.WriteTable
	if opts.JSON {
		write = r.WriteJSON
	}
	if err := write(b.stdout); err != nil {
		return err
	}
	if opts.HTML != "" {
		if err := writeFile(opts.HTML, r.WriteHTML); err != nil {
			return err
		}
	}
	if opts.GoBench != "" {
		if err := writeFile(opts.GoBench, r.WriteGoBench); err != nil {
			return err
		}
	}
	if opts.Readme != "" {
		if r.Partial {
			return fmt.Errorf("%s is left as it was: the measurement is not complete", opts.Readme)
		}
		return r.WriteReadme(opts.Readme)
	}
	return nil
}

// writable fails if the files cannot be written, so that this is known before a long
// measurement.
func (o *runOptions) writable() error {
	if o.Readme != "" {
		if err := report.CheckReadme(o.Readme); err != nil {
			return fmt.Errorf("--readme: %w", err)
		}
	}
	for _, to := range []struct{ flag, file string }{{"--html", o.HTML}, {"--gobench", o.GoBench}} {
		if to.file == "" {
			continue
		}
		f, err := os.OpenFile(to.file, os.O_CREATE|os.O_WRONLY, 0o666)
		if err == nil {
			err = f.Close()
		}
		if err != nil {
			return fmt.Errorf("%s: %w", to.flag, err)
		}
	}
	return nil
}

// describe returns the descriptions of the subjects for the report.
func describe(all []subject.Subject) (some []report.Subject) {
	versions, modules := report.Versions(), subject.Modules(all)
	for _, s := range all {
		module := modules[s.Name()]
		some = append(some, report.Subject{
			Name: s.Name(), Module: module, Version: versions[module], Unordered: subject.Why(s, subject.Order),
		})
	}
	return some
}
