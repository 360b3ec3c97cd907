package history

import (
	"cmp"
	"math"
	"slices"
)

// Cut returns a history of the operations that v names and of up to around others
// on the same object, those called or run nearest to them, in the order of their
// calls. What v says of the whole history holds for the cut: with around 0 it is
// the smallest history that is violated in this way.
func (h *History) Cut(v *Violation, around int) *History {
	cut := &History{Meta: h.Meta, Operations: slices.Clone(v.Operations)}
	type neighbour struct {
		distance int64
		op       *Operation
	}
	var near []neighbour
	for i := range h.Operations {
		o := &h.Operations[i]
		if around <= 0 || !o.on(v.Object) || v.names(o.ID) {
			continue
		}
		distance := int64(math.MaxInt64)
		for _, g := range v.Operations {
			distance = min(distance, apart(o.Call, g.Call), apart(o.Start, g.Start))
		}
		near = append(near, neighbour{distance, o})
	}
	slices.SortFunc(near, func(a, b neighbour) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.op.Call, b.op.Call))
	})
	for _, n := range near[:min(len(near), max(around, 0))] {
		cut.Operations = append(cut.Operations, *n.op)
	}
	if cut.CutFrom == 0 && len(cut.Operations) < len(h.Operations) {
		cut.CutFrom = len(h.Operations)
	}
	slices.SortFunc(cut.Operations, func(a, b Operation) int { return cmp.Compare(a.Call, b.Call) })
	return cut
}

// apart is the time between two stamps; without end if one is missing.
func apart(a, b int64) int64 {
	if a == 0 || b == 0 {
		return math.MaxInt64
	}
	return max(a-b, b-a)
}

func (o *Operation) on(object int) bool {
	return o.Object == object || slices.Contains(o.Also, object)
}

func (v *Violation) names(id int) bool {
	return slices.ContainsFunc(v.Operations, func(o Operation) bool { return o.ID == id })
}
