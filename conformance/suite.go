package conformance

import (
	"cmp"
	"slices"
	"strings"
)

// suite returns all rules with their cases, a chapter after the other. The cases of a
// rule run in the order that they have here.
func suite() []checkedRule {
	all := slices.Concat(
		metaRules(), orderRules(), executionRules(), memoryRules(), callRules(), parallelRules(), fairRules(), nestedRules(),
		futureRules(), cancelRules(), tryRules(), holdRules(), severalRules(), panicRules(), usercodeRules(), closeRules(), leakRules(), labelRules(), keyRules(),
	)
	limit, stand := limits(), stands()
	for i := range all {
		r := &all[i]
		r.Basis = strings.TrimSpace(limit[r.ID].basis + " " + stand[r.ID].basis)
		r.Beyond = cmp.Or(stand[r.ID].beyond, limit[r.ID].beyond)
		if c, ok := cellCase(r.ID); ok {
			r.cases = append(r.cases, c)
		}
		r.Mutants = slices.Concat(r.Mutants, furtherMutants[r.ID])
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
