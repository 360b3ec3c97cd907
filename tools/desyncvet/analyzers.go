package desyncvet

import (
	"golang.org/x/tools/go/analysis"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/model"
)

// Analyzers returns the checks, made anew at each call. They share what they
// know of a package, so run them together.
func Analyzers() []*analysis.Analyzer {
	facts := model.NewFacts()
	memory := newMemory(facts)
	return []*analysis.Analyzer{
		escapeCheck(facts, memory),
		selfwaitCheck(facts),
		ringCheck(facts),
		raceCheck(facts),
		droppedCheck(facts),
		copiedCheck(facts),
		goexitCheck(facts),
		printedCheck(facts),
		ignoreCheck(facts),
	}
}
