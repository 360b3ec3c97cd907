package main

import (
	"fmt"
	"io"
	"os"

	"github.com/go-desync/go-desync/tools/bench/internal/report"
)

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

// writeFile creates a file with the output of write.
func writeFile(file string, write func(io.Writer) error) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	err = write(f)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}
