package history

import "slices"

// Check judges a history. It returns nil if the contract allows it, a
// [*Violation] if not, and a [*MalformedError] if no run can have had it. It is a
// pure function and takes time in proportion to the number of operations.
//
// It looks first at what was executed (EXE-1, EXE-2, CAN-1, TRY-1), then at
// exclusion (EXC-1), then at the order, of the calls of one client (ORD-1) and of
// all (ORD-2). It reports the first of these that is violated: an object that runs
// jobs at the same time, for instance, has no order worth looking at. An operation
// on several objects counts on each of them.
//
// A job that has not run is lost if a later one has: one on the same object whose
// call began after the lost one's had returned. To find what was lost at the end
// of a run, end it with such a call, a fence.
func Check(h *History) error {
	runs, objects, err := executed(h.Operations)
	if err != nil {
		return err
	}
	if v := scan(h.Operations, sorted(runs), objects); v != nil {
		return v
	}
	return nil
}

// A run is the execution of an operation on one of its objects. There are as many
// as operations, so they are kept small.
type run struct {
	start      int64
	op, object int32
}

// executed checks what ran and what did not. It returns the runs, in the order of
// the operations, and how many objects there may be.
func executed(ops []Operation) (runs []run, objects int, err error) {
	// For each object: of the calls whose jobs have not run, the one that returned
	// first; of those whose jobs have, the one that began last.
	type extremes struct{ lost, fence int32 }
	var (
		seen  []extremes
		ids   = newIDSet(len(ops))
		found *Violation
	)
	runs = make([]run, 0, len(ops))
	for i := range ops {
		o := &ops[i]
		if reason := o.malformed(); reason != "" {
			return nil, 0, &MalformedError{Index: i, ID: o.ID, Reason: reason}
		}
		if !ids.add(o.ID) {
			return nil, 0, &MalformedError{Index: i, ID: o.ID, Reason: "another operation has the same ID"}
		}
		if found == nil {
			found = alone(o)
		}
		accepted := o.Return != 0 && (o.Outcome == Ran || o.Outcome == Pending)
		if o.Start == 0 && !accepted {
			continue
		}
		for k := -1; k < len(o.Also); k++ {
			object := o.Object
			if k >= 0 {
				object = o.Also[k]
			}
			for len(seen) <= object {
				seen = append(seen, extremes{-1, -1})
			}
			x := &seen[object]
			if o.Start == 0 {
				if x.lost < 0 || o.Return < ops[x.lost].Return {
					x.lost = int32(i)
				}
				continue
			}
			if x.fence < 0 || o.Call > ops[x.fence].Call {
				x.fence = int32(i)
			}
			runs = append(runs, run{o.Start, int32(i), int32(object)})
		}
	}
	for object, x := range seen {
		if found != nil {
			break
		}
		if x.lost >= 0 && x.fence >= 0 && ops[x.lost].Return < ops[x.fence].Call {
			found = violation("EXE-2", object, "%[1]s returned before %[2]s was called, and %[2]s ran, but %[1]s never did", ops[x.lost], ops[x.fence])
		}
	}
	if found != nil {
		return nil, 0, found
	}
	return runs, len(seen), nil
}

// alone returns the violation that an operation is in itself, if any.
func alone(o *Operation) *Violation {
	switch {
	case o.Again != nil:
		return violation("EXE-1", o.Object, "%[1]s ran twice", *o)
	case o.Start != 0 && o.Outcome == Canceled:
		return violation("CAN-1", o.Object, "%[1]s was reported as canceled, but it ran", *o)
	case o.Start != 0 && o.Outcome == Refused:
		return violation("TRY-1", o.Object, "%[1]s was refused, but it ran", *o)
	case o.Start == 0 && o.Outcome == Ran:
		return violation("EXE-2", o.Object, "%[1]s was reported as run, but it never ran", *o)
	}
	return nil
}

// A pair is two operations in the wrong order on an object.
type pair struct {
	first, second *Operation
	object        int
}

func (p pair) violation(rule, format string) *Violation {
	return violation(rule, p.object, format, *p.first, *p.second)
}

// scan goes through the runs of each object, last one first, and checks that each
// has ended before the next starts, and that no later one should have come before
// it. If the first holds for all neighbours, it holds for all pairs. For the second
// it is enough to keep the one of the later runs that returned first: if its call
// had not returned when this one's began, no other had.
func scan(ops []Operation, runs []run, objects int) *Violation {
	type later struct{ next, returned *Operation }
	var overlap, overtaken pair
	seen := make([]later, objects)
	for _, r := range slices.Backward(runs) {
		o, l := &ops[r.op], &seen[r.object]
		if l.next != nil && (o.End == 0 || o.End > l.next.Start) {
			overlap = pair{o, l.next, int(r.object)}
		}
		if l.returned != nil && l.returned.Return < o.Call {
			overtaken = pair{l.returned, o, int(r.object)}
		}
		l.next = o
		if o.Return != 0 && (l.returned == nil || o.Return < l.returned.Return) {
			l.returned = o
		}
	}
	if overlap.first != nil {
		return overlap.violation("EXC-1", "%[2]s started to run before %[1]s had ended")
	}
	if overtaken.first == nil {
		return nil
	}
	if p := oneClient(ops, runs); p.first != nil {
		return p.violation("ORD-1", "one client called %[1]s before %[2]s, but %[2]s ran first")
	}
	return overtaken.violation("ORD-2", "%[1]s returned before %[2]s was called, but %[2]s ran first")
}

// oneClient is the same scan for the calls of each client by itself. It runs only
// if the order is broken, to tell whether that shows within a client.
func oneClient(ops []Operation, runs []run) (overtaken pair) {
	type lane struct{ object, client int }
	returned := map[lane]*Operation{}
	for _, r := range slices.Backward(runs) {
		o := &ops[r.op]
		l := lane{int(r.object), o.Client}
		p := returned[l]
		if p != nil && p.Return < o.Call {
			overtaken = pair{p, o, l.object}
		}
		if o.Return != 0 && (p == nil || o.Return < p.Return) {
			returned[l] = o
		}
	}
	return overtaken
}
