package main

import (
	"io"
	"runtime"
	"text/tabwriter"
	"time"

	"golang.org/x/text/message"

	"github.com/go-desync/go-desync/tools/internal/index"
)

const (
	fewSkipped     = 3
	fewDifferences = 10
)

// report prints results. After a failed write it prints no more and keeps the
// error.
type report struct {
	w    io.Writer
	num  *message.Printer
	opts options
	err  error
}

func newReport(w io.Writer, opts options) *report {
	return &report{w: w, num: english(), opts: opts}
}

func (r *report) printf(format string, args ...any) {
	if r.err == nil {
		_, r.err = r.num.Fprintf(r.w, format, args...)
	}
}

// partial says that a result is not complete because the run was interrupted.
func (r *report) partial(what string, got index.Result) {
	r.printf("\nPARTIAL: interrupted, %s covers only %d of %d files.\n",
		what, got.Totals().Files+len(got.Skipped), got.Listed)
}

func (r *report) index(got index.Result, unlisted []index.Skip, took time.Duration) {
	r.table(func(row func(format string, args ...any)) {
		row("times\tfiles\t  identifier\n")
		for _, name := range got.Top(r.opts.Top) {
			row("%d\t%d\t  %s\n", got.Names[name].Count, got.Names[name].Files, name)
		}
	})
	r.table(func(row func(format string, args ...any)) {
		row("lines\tfiles\t  package\n")
		for _, dir := range got.TopPackages(r.opts.Top) {
			row("%d\t%d\t  %s\n", got.Packages[dir].Lines, got.Packages[dir].Files, dir)
		}
	})
	sum := got.Totals()
	mark := ""
	if !got.Whole() {
		mark = " (PARTIAL)"
	}
	r.printf("\nTotals%s: %d files in %d packages, %d lines, %d bytes; %d identifiers, %d different ones.\n",
		mark, sum.Files, len(got.Packages), sum.Lines, sum.Bytes, sum.Names, len(got.Names))
	r.skips("Directories passed over", unlisted)
	r.skips("Files passed over", got.Skipped)
	r.printf("Time%s: %.2f s.\n", mark, took.Seconds())
}

// table aligns the columns to the right, and the text after the last tab of a
// row to the left.
func (r *report) table(fill func(row func(format string, args ...any))) {
	r.printf("\n")
	if r.err != nil {
		return
	}
	w := tabwriter.NewWriter(r.w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fill(func(format string, args ...any) { r.num.Fprintf(w, format, args...) })
	r.err = w.Flush()
}

var advice = []struct {
	index.Kind
	text string
}{
	{index.Unreadable, "check that they exist and may be read"},
	{index.TooLarge, "split them to have them counted"},
	{index.Unparsable, "usual for test data; otherwise correct what is named here"},
}

// skips names the first few of each kind, with what to do about them.
func (r *report) skips(what string, skipped []index.Skip) {
	for _, a := range advice {
		var found []index.Skip
		for _, s := range skipped {
			if s.Kind == a.Kind {
				found = append(found, s)
			}
		}
		if len(found) == 0 {
			continue
		}
		r.printf("%s, %s: %d (%s):\n", what, a.Kind, len(found), a.text)
		show := len(found)
		if !r.opts.AllSkipped {
			show = min(show, fewSkipped)
		}
		for _, s := range found[:show] {
			r.printf("  %s\n", s.Reason)
		}
		if rest := len(found) - show; rest > 0 {
			r.printf("  and %d more; --all-skipped names them\n", rest)
		}
	}
}

func (r *report) differences(diffs []string) {
	r.printf("\nFAULT: the two results differ in %d places. The first of them:\n", len(diffs))
	for _, d := range diffs[:min(len(diffs), fewDifferences)] {
		r.printf("  %s\n", d)
	}
	r.printf("If files were changed meanwhile, run the demo again; otherwise this is a fault of Desync, please report it.\n")
}

func (r *report) speed(parallel, inOrder time.Duration) {
	r.printf("The results are equal.\n")
	times := inOrder.Seconds() / parallel.Seconds()
	remark := ""
	if times < 0.95 { // what is printed as 1.0 is neither faster nor slower
		remark = ", so slower; a small tree, a cold file cache or a busy machine leaves nothing to gain"
	}
	r.printf("In parallel %.2f s, one after the other %.2f s, with %d processors: %.1f times as fast%s.\n",
		parallel.Seconds(), inOrder.Seconds(), runtime.GOMAXPROCS(0), times, remark)
}
