package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/go-desync/go-desync/tools/bench/internal/measure"
)

// progress shows which workload runs and how much time is left, if there is a terminal.
type progress struct {
	bar  *progressbar.ProgressBar // nil if not on a terminal
	left *left
}

func newProgress(w io.Writer, chosen []choice, how measure.Options) progress {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return progress{}
	}
	var rough []time.Duration
	for _, c := range chosen {
		rough = append(rough, c.Rough(c.peers, how))
	}
	return progress{
		bar: progressbar.NewOptions(len(chosen),
			progressbar.OptionSetWriter(w),
			progressbar.OptionSetWidth(24),
			progressbar.OptionShowCount(),
			progressbar.OptionSetPredictTime(false),
			progressbar.OptionShowDescriptionAtLineEnd(),
			progressbar.OptionClearOnFinish(),
		),
		left: &left{rough: rough, start: time.Now()},
	}
}

// begin shows that done workloads are complete and that the one with this name is
// running. Call step with the share of it that is done.
func (p progress) begin(done int, name string) (step func(share float64)) {
	if p.bar == nil {
		return nil
	}
	p.bar.Set(done)
	step = func(share float64) {
		p.bar.Describe(name + p.left.text(done, share, time.Now()))
	}
	step(0)
	return step
}

// end removes the bar from the terminal.
func (p progress) end() {
	if p.bar != nil {
		p.bar.Clear()
	}
}

// left estimates how much time is left. It scales the rough times of the workloads by
// the time that they have taken so far.
type left struct {
	rough []time.Duration
	start time.Time
}

func (l *left) text(done int, share float64, now time.Time) string {
	var before, all time.Duration
	for i, r := range l.rough {
		all += r
		switch {
		case i < done:
			before += r
		case i == done:
			before += time.Duration(share * float64(r))
		}
	}
	rest := all - before
	if spent := now.Sub(l.start); before > 2*time.Second {
		rest = time.Duration(float64(rest) * float64(spent) / float64(before))
	}
	switch {
	case rest < time.Minute:
		return fmt.Sprintf(", about %d s left", int(rest.Seconds())+1)
	default:
		return fmt.Sprintf(", about %d min left", int(rest.Minutes())+1)
	}
}
