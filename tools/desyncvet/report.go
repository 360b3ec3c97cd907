package desyncvet

import (
	"go/token"

	"golang.org/x/tools/go/analysis"
)

// A reporter reports a diagnostic, unless a comment says to ignore it or the
// same one was reported before.
type reporter func(analysis.Diagnostic)

func check(name, doc string, modelOf *analysis.Analyzer, run func(*model, reporter)) *analysis.Analyzer {
	return &analysis.Analyzer{
		Name:     name,
		Doc:      doc,
		URL:      "https://pkg.go.dev/github.com/go-desync/go-desync/tools/desyncvet#hdr-" + name,
		Requires: []*analysis.Analyzer{modelOf},
		Run: func(pass *analysis.Pass) (any, error) {
			m := pass.ResultOf[modelOf].(*model)
			if m.in == nil {
				return nil, nil // the standard library
			}
			reported := make(map[token.Pos]bool)
			run(m, func(d analysis.Diagnostic) {
				if reported[d.Pos] || m.ignored.covers(pass.Fset.Position(d.Pos), name) {
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
