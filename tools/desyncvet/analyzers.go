package desyncvet

import "golang.org/x/tools/go/analysis"

// Analyzers returns the checks, made anew at each call. They share what they
// know of a package, so run them together.
func Analyzers() []*analysis.Analyzer {
	model := newModel()
	return []*analysis.Analyzer{
		escapeCheck(model),
		selfwaitCheck(model),
		ringCheck(model),
		raceCheck(model),
		droppedCheck(model),
		copiedCheck(model),
		goexitCheck(model),
		printedCheck(model),
		ignoreCheck(model),
	}
}
