// Package check makes analyzers from the checks. It leaves out reports that a comment
// suppresses, and repeated ones.
package check

import (
	"go/token"

	"golang.org/x/tools/go/analysis"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/model"
)

// A Reporter reports a diagnostic, unless a comment suppresses it or the same one was
// reported before.
type Reporter func(analysis.Diagnostic)

// New makes the analyzer of a check that uses the facts, and the results of other
// analyzers.
func New(name, doc string, run func(*analysis.Pass, *model.Facts, Reporter), others ...*analysis.Analyzer) *analysis.Analyzer {
	return &analysis.Analyzer{
		Name:     name,
		Doc:      doc,
		URL:      "https://pkg.go.dev/github.com/go-desync/go-desync/tools/desyncvet/" + name,
		Requires: append([]*analysis.Analyzer{model.Analyzer}, others...),
		Run: func(pass *analysis.Pass) (any, error) {
			m := pass.ResultOf[model.Analyzer].(*model.Facts)
			if m == nil {
				return nil, nil // the standard library
			}
			ignored := collectIgnores(pass)
			reported := make(map[token.Pos]bool)
			run(pass, m, func(d analysis.Diagnostic) {
				if reported[d.Pos] || ignored.covers(pass.Fset.Position(d.Pos), name) {
					return
				}
				reported[d.Pos] = true
				d.Category = name
				d.Message += " (" + name + ")"
				pass.Report(d)
			})
			return nil, nil
		},
	}
}
