package desyncvet

import (
	"golang.org/x/tools/go/analysis"

	"github.com/go-desync/go-desync/tools/desyncvet/copied"
	"github.com/go-desync/go-desync/tools/desyncvet/dropped"
	"github.com/go-desync/go-desync/tools/desyncvet/escape"
	"github.com/go-desync/go-desync/tools/desyncvet/goexit"
	"github.com/go-desync/go-desync/tools/desyncvet/ignore"
	"github.com/go-desync/go-desync/tools/desyncvet/printed"
	"github.com/go-desync/go-desync/tools/desyncvet/race"
	"github.com/go-desync/go-desync/tools/desyncvet/ring"
	"github.com/go-desync/go-desync/tools/desyncvet/selfwait"
)

// Analyzers returns the checks. The last one looks at the comments that suppress the others.
func Analyzers() []*analysis.Analyzer {
	checks := []*analysis.Analyzer{
		escape.Analyzer,
		selfwait.Analyzer,
		ring.Analyzer,
		race.Analyzer,
		dropped.Analyzer,
		copied.Analyzer,
		goexit.Analyzer,
		printed.Analyzer,
	}
	var names []string
	for _, a := range checks {
		names = append(names, a.Name)
	}
	return append(checks, ignore.New(names...))
}
