package main

import (
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/go-desync/go-desync/tools/internal/index"
)

const (
	askInterval   = 100 * time.Millisecond
	plainInterval = 2 * time.Second
)

// english groups the digits of numbers.
func english() *message.Printer { return message.NewPrinter(language.English) }

// progress shows a bar on a terminal, and a line now and then elsewhere.
type progress struct {
	w     io.Writer
	what  string
	total int
	bar   *progressbar.ProgressBar // nil if not on a terminal
	every time.Duration            // between two displays
	next  time.Time
}

func newProgress(w io.Writer, what string, total int, plain time.Duration) *progress {
	p := &progress{w: w, what: what, total: total, every: plain}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.every = askInterval
		p.bar = progressbar.NewOptions(total,
			progressbar.OptionSetWriter(w),
			progressbar.OptionSetWidth(24),
			progressbar.OptionShowCount(),
			progressbar.OptionSetPredictTime(false),
			progressbar.OptionShowDescriptionAtLineEnd(),
			progressbar.OptionClearOnFinish(),
		)
	}
	p.next = time.Now().Add(p.every)
	return p
}

// show displays how far the work is, unless the last display is recent.
func (p *progress) show(done int, lead index.Leader) {
	now := time.Now()
	if now.Before(p.next) {
		return
	}
	p.next = now.Add(p.every)
	if p.bar != nil {
		p.bar.Describe(english().Sprintf("%s, on top: %s %d", p.what, lead.Name, lead.Count))
		p.bar.Set(done)
		return
	}
	english().Fprintf(p.w, "%s: %d of %d files, on top so far: %s %d\n", p.what, done, p.total, lead.Name, lead.Count)
}

// end takes the bar off the terminal.
func (p *progress) end() {
	if p.bar != nil {
		p.bar.Clear()
	}
}
