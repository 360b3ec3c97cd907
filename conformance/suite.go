package conformance

import "slices"

// suite returns all rules with their cases, a chapter after the other. The cases of a
// rule run in the order that they have here.
func suite() []checkedRule {
	all := slices.Concat(
		metaRules(), orderRules(), executionRules(), memoryRules(), callRules(), parallelRules(), fairRules(), nestedRules(),
		futureRules(), cancelRules(), tryRules(), holdRules(), severalRules(), panicRules(), usercodeRules(), closeRules(), leakRules(), labelRules(),
	)
	for i, r := range all {
		all[i].Mutants = slices.Concat(r.Mutants, furtherMutants[r.ID])
		for j := range r.cases {
			r.cases[j].rule = r.ID
		}
	}
	return all
}

// Rules returns all rules, in the order of SPEC.md, which is the order in which
// they are checked.
func Rules() (rules []Rule) {
	for _, r := range suite() {
		rules = append(rules, r.Rule)
	}
	return rules
}
