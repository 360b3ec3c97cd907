package main

import (
	"fmt"
	"io"
	"os"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress shows which subject is judged: a bar on a terminal, and everywhere a
// line for each that is done.
type progress struct {
	w   io.Writer
	bar *progressbar.ProgressBar // nil if not on a terminal
}

func newProgress(w io.Writer, subjects int) progress {
	p := progress{w: w}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.bar = progressbar.NewOptions(subjects,
			progressbar.OptionSetWriter(w),
			progressbar.OptionSetWidth(24),
			progressbar.OptionShowCount(),
			progressbar.OptionSetPredictTime(false),
			progressbar.OptionShowDescriptionAtLineEnd(),
			progressbar.OptionClearOnFinish(),
		)
	}
	return p
}

// show says that done subjects are judged, and what goes on with the next one.
func (p progress) show(done int, what string) {
	if p.bar != nil {
		p.bar.Describe(what)
		p.bar.Set(done)
	}
}

func (p progress) line(text string) {
	p.end()
	fmt.Fprintln(p.w, text)
}

// end takes the bar off the terminal.
func (p progress) end() {
	if p.bar != nil {
		p.bar.Clear()
	}
}
