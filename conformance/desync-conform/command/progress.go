package command

import (
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/go-desync/go-desync/conformance"
	"github.com/go-desync/go-desync/conformance/desync-conform/internal/output"
)

const plainInterval = 2 * time.Second

// meter shows how far something is: a bar on a terminal, a line now and then
// elsewhere.
type meter struct {
	w     io.Writer
	every time.Duration            // between two lines
	bar   *progressbar.ProgressBar // nil if not on a terminal
	next  time.Time
}

func newMeter(w io.Writer, every time.Duration) *meter {
	m := &meter{w: w, every: every, next: time.Now().Add(every)}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		m.bar = progressbar.NewOptions(-1,
			progressbar.OptionSetWriter(w),
			progressbar.OptionSetWidth(24),
			progressbar.OptionShowCount(),
			progressbar.OptionSetPredictTime(false),
			progressbar.OptionSetElapsedTime(false),
			progressbar.OptionShowDescriptionAtLineEnd(),
			progressbar.OptionClearOnFinish(),
		)
	}
	return m
}

// show displays how much is done, unless that would be a line too soon after
// the last one.
func (m *meter) show(done, total int, where string) {
	if m.bar != nil {
		if m.bar.GetMax() != total {
			m.bar.ChangeMax(total)
		}
		m.bar.Describe(where)
		m.bar.Set(done)
		return
	}
	if now := time.Now(); !now.Before(m.next) {
		m.next = now.Add(m.every)
		fmt.Fprintf(m.w, "%s (%d of %d)\n", where, done, total)
	}
}

// say writes a line at once.
func (m *meter) say(line string) {
	m.end()
	fmt.Fprintln(m.w, line)
}

// end takes the bar off the terminal.
func (m *meter) end() {
	if m.bar != nil {
		m.bar.Clear()
	}
}

// progress shows how far the check of a subject is. A failure is a line of its own.
type progress struct {
	*meter
	subject string
	verbose bool // a line for each case
	rules   []conformance.Rule
	failed  int
}

func newProgress(w io.Writer, subject string, verbose bool, every time.Duration) *progress {
	return &progress{meter: newMeter(w, every), subject: subject, verbose: verbose, rules: conformance.Rules()}
}

// tell is told each result.
func (p *progress) tell(c conformance.CaseResult) {
	failed := c.Verdict == conformance.Fail
	if failed {
		p.failed++
	}
	if failed || p.verbose {
		p.say(p.subject + ": " + output.Line(c))
	}
	if p.verbose && p.bar == nil {
		return
	}
	where := p.subject + ": " + c.Rule
	if p.failed > 0 {
		where += fmt.Sprintf(", %d failed", p.failed)
	}
	p.show(1+slices.IndexFunc(p.rules, func(r conformance.Rule) bool { return r.ID == c.Rule }), len(p.rules), where)
}
