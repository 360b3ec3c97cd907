package conformance

import "fmt"

// metaRules are about the Factory, not about the object's behaviour.
func metaRules() []checkedRule {
	return []checkedRule{
		{
			Rule: Rule{
				ID: "META-1", Level: Must, Feature: FeatureCore, Profile: CoreProfile, Method: Deterministic,
				Text:    "The object has the methods of a feature if, and only if, the factory claims the feature.",
				Why:     "A method that is not claimed would go unchecked, and a report would say less than it seems to.",
				Mutants: []string{"false-claim"},
			},
			cases: []testCase{
				{name: "claims", run: claimsMatch},
			},
		},
		{
			Rule: Rule{
				ID: "META-2", Level: Must, Feature: FeatureCore, Profile: CoreProfile, Method: Deterministic,
				Text:    "New returns a fresh object at each call. Each object has a State of its own, and passes the same one to every job.",
				Why:     "Cases would disturb each other, and no verdict could be trusted.",
				Mutants: []string{"same-object"},
			},
			cases: []testCase{
				{name: "fresh", run: freshObjects},
			},
		},
	}
}

func claimsMatch(t *trial) {
	o := t.object()
	var k Keyed
	if t.f.NewKeyed != nil {
		k = t.keyed()
	}
	there := map[Feature]bool{}
	for _, f := range Features() {
		if !f.byInterface() {
			continue
		}
		there[f] = f.implementedBy(o) || f.ofKeyed() && f.implementedByKeyed(k)
		switch claim := t.f.Features[f]; {
		case there[f] && !claim.known:
			t.fail("a feature whose methods the object has is listed in Factory.Features",
				"the object has the methods of %q, and the factory says nothing of it: list it as Supported, or as Unsupported with the reason", f)
		case there[f] && !claim.Supported():
			t.fail("a feature that is listed as Unsupported has no methods",
				"the object has the methods of %q, which is listed as Unsupported (%s)", f, claim.Reason())
		case !there[f] && claim.Supported():
			t.fail("a feature that is listed as Supported has its methods", "the object does not have the methods of %q", f)
		}
	}
	t.mu.Lock()
	t.found = there
	t.mu.Unlock()
	// If New returns one object always, META-2 is to say so: it must not find it closed.
	t.forget()
}

// freshObjects uses two objects: what one of them does must not show in the other.
func freshObjects(t *trial) {
	const expected = "each object has a State of its own, the same one for every job"
	objects := []Object{t.object(), t.object(), t.object()}
	states := make([]*State, len(objects))
	for i, o := range objects {
		name := fmt.Sprintf("object %d", i+1)
		t.do(o, func(s *State) { states[i] = s }, "a Do on %s, which is idle, returns", name)
		if states[i] == nil {
			t.fatal(expected, "on %s a Do returned although its job had not run, or the job got no State", name)
		}
		for j := range i {
			if states[i] == states[j] {
				t.fatal(expected, "object %d and object %d have the same State", j+1, i+1)
			}
		}
	}
	for i, o := range objects {
		var again *State
		t.do(o, func(s *State) { again = s }, "a second Do returns")
		if again != states[i] {
			t.fatal(expected, "two jobs of object %d got different States", i+1)
		}
	}
}
