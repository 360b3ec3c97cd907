package index

import (
	"fmt"
	"maps"
	"slices"
)

// Diff names every difference between two results, in a fixed order: it returns
// none if they are equal. The labels say what the results are.
func Diff(labelA string, a Result, labelB string, b Result) []string {
	var found []string
	differ := func(what string, inA, inB any) {
		found = append(found, fmt.Sprintf("%s: %v %s, %v %s", what, inA, labelA, inB, labelB))
	}
	if a.Listed != b.Listed {
		differ("files listed", a.Listed, b.Listed)
	}
	diffMaps("package ", a.Packages, b.Packages, differ)
	diffMaps("identifier ", a.Names, b.Names, differ)
	diffMaps("skipped ", byPath(a.Skipped), byPath(b.Skipped), differ)
	return found
}

func diffMaps[V comparable](kind string, a, b map[string]V, differ func(what string, inA, inB any)) {
	keys := slices.Collect(maps.Keys(a))
	for key := range b {
		if _, both := a[key]; !both {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	show := func(v V, present bool) any {
		if !present {
			return "absent"
		}
		return fmt.Sprintf("%+v", v)
	}
	for _, key := range keys {
		va, inA := a[key]
		vb, inB := b[key]
		if inA != inB || va != vb {
			differ(kind+key, show(va, inA), show(vb, inB))
		}
	}
}

func byPath(skipped []Skip) map[string]Skip {
	m := make(map[string]Skip, len(skipped))
	for _, s := range skipped {
		m[s.Path] = s
	}
	return m
}
