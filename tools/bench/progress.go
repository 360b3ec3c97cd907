package main

import (
	"io"
	"os"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress shows on a terminal which workload runs. Elsewhere it shows nothing.
type progress struct {
	bar *progressbar.ProgressBar // nil if not on a terminal
}

func newProgress(w io.Writer, workloads int) progress {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return progress{}
	}
	return progress{progressbar.NewOptions(workloads,
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetWidth(24),
		progressbar.OptionShowCount(),
		progressbar.OptionSetPredictTime(false),
		progressbar.OptionShowDescriptionAtLineEnd(),
		progressbar.OptionClearOnFinish(),
	)}
}

// show says that done workloads are complete and the one of that name is running.
func (p progress) show(done int, name string) {
	if p.bar != nil {
		p.bar.Describe(name)
		p.bar.Set(done)
	}
}

// end takes the bar off the terminal.
func (p progress) end() {
	if p.bar != nil {
		p.bar.Clear()
	}
}
