package main

import (
	"fmt"
	"os"

	"github.com/go-desync/go-desync/tools/bench/internal/report"
)

// compare writes what has changed between two saved reports.
func (b *bench) compare(opts compareOptions) int {
	old, err := report.Read(opts.Old)
	if err == nil {
		var later *report.Report
		if later, err = report.Read(opts.New); err == nil {
			return b.changes(old, later, opts)
		}
	}
	b.complain(err)
	return exitUsage
}

func (b *bench) changes(old, later *report.Report, opts compareOptions) int {
	changes := report.Changes(old, later, opts.Alpha)
	if err := report.WriteChanges(b.stdout, old, later, changes, opts.All); err != nil {
		return b.unwritten(err)
	}
	if opts.Strict {
		for _, c := range changes {
			if c.Worse {
				return exitFault
			}
		}
	}
	return exitDone
}

// page writes a saved report as HTML.
func (b *bench) page(opts pageOptions) int {
	r, err := report.Read(opts.Report)
	if err != nil {
		b.complain(err)
		return exitUsage
	}
	if err := r.WriteHTML(b.stdout); err != nil {
		return b.unwritten(err)
	}
	return exitDone
}

// writePage writes the report into a file as HTML.
func writePage(r *report.Report, file string) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	err = r.WriteHTML(f)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}
