package conformance

import "slices"

// allCases returns all cases. Those of one rule run in the order that they have here.
func allCases() []testCase {
	return slices.Concat(metaCases(), orderCases(), memoryCases(), callCases(), besideCases(),
		futureCases(), cancelCases(), tryCases(), holdCases(), panicCases(), closeCases(), leakCases())
}

// casesOf returns the cases of a rule.
func casesOf(rule string) []testCase {
	return slices.DeleteFunc(allCases(), func(c testCase) bool { return c.rule != rule })
}
