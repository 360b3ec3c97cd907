// Package ignore has the check ignore, which checks the comments that suppress the other
// checks. Run desyncvet help ignore for its documentation.
package ignore

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/check"
	"github.com/go-desync/go-desync/tools/desyncvet/internal/model"
)

const doc = `check the comments that suppress the other checks

A comment on the line of a report, or alone on the line above it, suppresses
the report:

	//desyncvet:ignore CHECK reason

CHECK is one of the checks, or several with commas between them and no space.
The reason is free text that says why the report is wrong, or why the code is
right as it is. A comment without a reason, or with a check that does not exist,
suppresses nothing and is reported itself.`

// New returns the check of the comments, which may name the given checks.
func New(checks ...string) *analysis.Analyzer {
	return check.New("ignore", doc, func(pass *analysis.Pass, _ *model.Facts, report check.Reporter) {
		for _, f := range pass.Files {
			for c := range check.Comments(f) {
				if problem := problemOf(c.Text, checks); problem != "" {
					report(analysis.Diagnostic{Pos: c.Pos(), End: c.End(), Message: problem})
				}
			}
		}
	})
}

// problemOf returns the problem of a comment, or "".
func problemOf(text string, checks []string) string {
	names, reason := check.ParseIgnore(text)
	if len(names) == 0 {
		return fmt.Sprintf("the comment names no check: write %s CHECK reason", check.Prefix)
	}
	for _, name := range names {
		if !slices.Contains(checks, name) {
			return fmt.Sprintf("there is no check %q: the checks are %s", name, strings.Join(checks, ", "))
		}
	}
	if reason == "" {
		return fmt.Sprintf("the comment gives no reason: write %s %s reason", check.Prefix, strings.Join(names, ","))
	}
	return ""
}
