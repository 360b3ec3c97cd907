package desyncvet

import (
	"golang.org/x/tools/go/analysis"
)

// Analyzers returns the checks.
func Analyzers() []*analysis.Analyzer {
	return []*analysis.Analyzer{
		escapeAnalyzer,
		selfwaitAnalyzer,
		ringAnalyzer,
		raceAnalyzer,
		droppedAnalyzer,
		copiedAnalyzer,
		goexitAnalyzer,
		printedAnalyzer,
		ignoreAnalyzer,
	}
}
