package history

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/anishathalye/porcupine"
)

// TestOracle compares Check with what the contract says word for word: with the
// linearizability checker porcupine for the order, and with all pairs of runs for
// exclusion.
func TestOracle(t *testing.T) {
	histories := 100_000
	if testing.Short() {
		histories = 5_000 // enough for every rule to be met often
	}
	rng := rand.New(rand.NewPCG(20, 26))
	found := map[string]int{}
	for i := range histories {
		ops := randomHistory(rng)
		err := Check(&History{Operations: ops})
		v, _ := errors.AsType[*Violation](err)
		if err != nil && v == nil {
			t.Fatalf("history %d: %v; operations %+v", i, err, ops)
		}
		if allowed(ops) != (v == nil) {
			t.Fatalf("history %d: Check returned %v, but the oracle says allowed: %t; operations %+v", i, err, v != nil, ops)
		}
		if v == nil {
			found["none"]++
			continue
		}
		found[v.Rule]++
		if !proves(v) {
			t.Fatalf("history %d: the operations of %q do not prove it: %+v", i, v, v.Operations)
		}
		cut := Check((&History{Operations: ops}).Cut(v, 0))
		if w, _ := errors.AsType[*Violation](cut); w == nil || w.Error() != v.Error() {
			t.Fatalf("history %d: Check of what was cut out for %q returned %v; operations %+v", i, v, cut, ops)
		}
	}
	t.Logf("found in %d histories: %v", histories, found)
	for _, rule := range []string{"none", "EXE-1", "EXE-2", "CAN-1", "TRY-1", "EXC-1", "ORD-1", "ORD-2"} {
		if found[rule] < histories/200 {
			t.Errorf("%s: %d of %d histories, want at least one in 200, or the test says little about it", rule, found[rule], histories)
		}
	}
}

// randomHistory simulates clients and objects with queues, now and then broken:
// overtaking, overlapping, losing, repeating, running what was given up.
func randomHistory(rng *rand.Rand) []Operation {
	ops := make([]Operation, 2+rng.IntN(7))
	const losing, canceling, overlapping, repeating, overtaking = 0, 1, 2, 3, 4
	objects, broken := 1+rng.IntN(2), rng.IntN(10)
	if broken > 6 {
		broken = overtaking // it takes several operations and luck to show
	}
	fault := func(kind int) bool { return kind == broken && rng.IntN(2) == 0 || rng.IntN(100) == 0 }
	clock := int64(0)
	tick := func() int64 { clock++; return clock }
	for i := range ops {
		o := &ops[i]
		*o = Operation{ID: i, Client: rng.IntN(3), Outcome: Pending, Object: rng.IntN(objects)}
		if objects == 2 && rng.IntN(4) == 0 {
			o.Also = []int{1 - o.Object}
		}
	}
	var queue []*Operation // one for all objects: it satisfies the rules of each
	var running []*Operation
	called := 0
	busy := func(client int) bool { // a client makes one call at a time
		return slices.ContainsFunc(ops[:called], func(o Operation) bool { return o.Client == client && o.Return == 0 })
	}
	for range len(ops) * (6 + rng.IntN(16)) {
		switch rng.IntN(10) {
		case 0, 1, 2:
			if called < len(ops) && !busy(ops[called].Client) {
				ops[called].Call = tick()
				called++
			}
		case 3, 4, 5: // a call takes its place, and gives up or returns, in one step or in several
			if called == 0 {
				continue
			}
			o := &ops[rng.IntN(called)]
			if o.Kind == "" {
				o.Kind = "queued"
				if !fault(losing) {
					queue = append(queue, o)
				}
			}
			if o.Return == 0 && rng.IntN(3) > 0 {
				o.Return = tick()
				if o.Start == 0 && rng.IntN(5) == 0 {
					o.Outcome = []Outcome{Canceled, Refused, Ran}[rng.IntN(3)]
					if o.Outcome != Ran && !fault(canceling) {
						queue = slices.DeleteFunc(queue, func(q *Operation) bool { return q == o })
					}
				}
			}
		case 6, 7:
			if len(queue) == 0 || len(running) > 0 && !fault(overlapping) {
				continue
			}
			next := 0
			if fault(overtaking) {
				next = rng.IntN(len(queue))
			}
			o := queue[next]
			if !fault(repeating) || o.Again != nil {
				queue = slices.Delete(queue, next, next+1)
			}
			if o.Again != nil {
				continue
			}
			if o.Start != 0 {
				o.Again = &Span{Start: tick()}
				continue
			}
			o.Start = tick()
			running = append(running, o)
		case 8, 9:
			if len(running) > 0 {
				last := len(running) - 1
				o := running[last]
				running = running[:last]
				o.End = tick()
				if o.Outcome == Pending && rng.IntN(2) == 0 {
					o.Outcome = Ran
				}
			}
		}
	}
	ops = ops[:called]
	for i := range ops {
		ops[i].Kind = ""
	}
	rng.Shuffle(len(ops), func(i, j int) { ops[i], ops[j] = ops[j], ops[i] })
	return ops
}

// allowed is the oracle.
func allowed(ops []Operation) bool {
	for _, o := range ops {
		told := o.Outcome == Canceled || o.Outcome == Refused
		if o.Again != nil || told && o.Start != 0 || o.Outcome == Ran && o.Start == 0 {
			return false
		}
	}
	for object := range 2 {
		var own []Operation
		for _, o := range ops {
			if o.on(object) && o.Outcome != Canceled && o.Outcome != Refused {
				own = append(own, o)
			}
		}
		if slices.ContainsFunc(own, func(a Operation) bool {
			return slices.ContainsFunc(own, func(b Operation) bool { return a.ID != b.ID && overlap(a, b) })
		}) || !linearizable(own) {
			return false
		}
	}
	return true
}

func overlap(a, b Operation) bool {
	end := func(o Operation) int64 {
		if o.End == 0 {
			return math.MaxInt64
		}
		return o.End
	}
	return a.Start != 0 && b.Start != 0 && a.Start < end(b) && b.Start < end(a)
}

// linearizable asks porcupine whether the calls can have taken their places in the
// order in which the jobs ran, each between its call and its return, and those
// whose jobs have not run after all others.
func linearizable(own []Operation) bool {
	turns := 0
	var calls []porcupine.Operation
	for _, o := range own {
		turn := math.MaxInt
		if o.Start != 0 {
			turns++
			turn = 0
			for _, other := range own {
				if other.Start != 0 && other.Start < o.Start {
					turn++
				}
			}
		}
		ret := o.Return
		if ret == 0 {
			ret = math.MaxInt64
		}
		calls = append(calls, porcupine.Operation{ClientId: o.Client, Call: o.Call, Return: ret, Output: turn})
	}
	return porcupine.CheckOperations(porcupine.Model{
		Init: func() any { return 0 },
		Step: func(state, _, output any) (bool, any) {
			taken, turn := state.(int), output.(int)
			if turn == math.MaxInt {
				return taken == turns, taken
			}
			return taken == turn, taken + 1
		},
	}, calls)
}

// proves reports whether the operations of v break its rule by themselves.
func proves(v *Violation) bool {
	a, b := v.Operations[0], v.Operations[len(v.Operations)-1]
	if !a.on(v.Object) || !b.on(v.Object) {
		return false
	}
	before := a.Return != 0 && a.Return < b.Call
	switch v.Rule {
	case "EXE-1":
		return len(v.Operations) == 1 && a.Again != nil
	case "CAN-1":
		return len(v.Operations) == 1 && a.Outcome == Canceled && a.Start != 0
	case "TRY-1":
		return len(v.Operations) == 1 && a.Outcome == Refused && a.Start != 0
	case "EXE-2":
		return a.Start == 0 && (a.Outcome == Ran || len(v.Operations) == 2 && before && b.Start != 0)
	case "EXC-1":
		return len(v.Operations) == 2 && overlap(a, b) && a.Start <= b.Start
	case "ORD-1", "ORD-2":
		return len(v.Operations) == 2 && before && b.Start != 0 && b.Start < a.Start && (v.Rule == "ORD-1") == (a.Client == b.Client)
	}
	return false
}
