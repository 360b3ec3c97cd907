package conformance

import (
	"fmt"
	"slices"
	"strings"
)

// valid returns what is wrong with the factory and the options.
func valid(rules []checkedRule, f Factory, o options) error {
	if f.New == nil {
		return fmt.Errorf("conformance: Factory.New is nil")
	}
	if f.Info.Name == "" {
		return fmt.Errorf("conformance: Factory.Info.Name is empty; reports need it")
	}
	for feature := range f.Features {
		if !slices.Contains(Features(), feature) {
			return fmt.Errorf("conformance: unknown feature %q in Factory.Features; there are %v", feature, Features())
		}
		if feature == FeatureCore && !f.Features[feature].Supported() {
			return fmt.Errorf("conformance: the feature %q cannot be disclaimed", FeatureCore)
		}
	}
	switch o.budget {
	case Short, Full, Soak:
	default:
		return fmt.Errorf("conformance: unknown budget %q; there are %q, %q and %q", o.budget, Short, Full, Soak)
	}
	if o.watchdog <= 0 {
		return fmt.Errorf("conformance: the watchdog's time is %v, and must be positive", o.watchdog)
	}
	if o.isolate && len(o.child) == 0 {
		return fmt.Errorf("conformance: WithIsolation needs WithChild")
	}
	for _, id := range o.rules {
		if !known(rules, id) {
			return fmt.Errorf("conformance: unknown rule %q", id)
		}
	}
	for id, reason := range o.skips {
		if !known(rules, id) {
			return fmt.Errorf("conformance: unknown rule %q", id)
		}
		if reason == "" {
			return fmt.Errorf("conformance: the skip of %q needs a reason", id)
		}
	}
	return nil
}

// known reports whether id is that of a rule or a case.
func known(rules []checkedRule, id string) bool {
	rule, name, isCase := strings.Cut(id, "/")
	if _, ok := findCase(rules, rule, name); ok {
		return true
	}
	return !isCase && slices.ContainsFunc(rules, func(r checkedRule) bool { return r.ID == rule })
}
