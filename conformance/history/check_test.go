package history

import (
	"cmp"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// ran returns an operation whose job ran, by client 1 on object 0.
func ran(id int, call, ret, start, end int64) Operation {
	return Operation{ID: id, Client: 1, Call: call, Return: ret, Start: start, End: end, Outcome: Ran}
}

func (o Operation) by(client int) Operation                { o.Client = client; return o }
func (o Operation) onto(object int, also ...int) Operation { o.Object, o.Also = object, also; return o }
func (o Operation) told(outcome Outcome) Operation         { o.Outcome = outcome; return o }
func (o Operation) again(start, end int64) Operation {
	o.Again = &Span{start, end}
	return o
}

// verdict checks the operations and returns the rule and the IDs that were found.
func verdict(t *testing.T, ops []Operation) (rule string, ids []int) {
	t.Helper()
	err := Check(&History{Operations: ops})
	if err == nil {
		return "", nil
	}
	v, ok := errors.AsType[*Violation](err)
	if !ok {
		t.Fatalf("Check returned %v, want a violation or nil", err)
	}
	for _, o := range v.Operations {
		ids = append(ids, o.ID)
	}
	return v.Rule, ids
}

type checkCase struct {
	name string
	ops  []Operation
	rule string // "" if the history is allowed
	ids  []int
}

// judge runs the cases with the operations in the order given and reversed: what
// Check says must not depend on it.
func judge(t *testing.T, cases []checkCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for range 2 {
				rule, ids := verdict(t, c.ops)
				if rule != c.rule || !slices.Equal(ids, c.ids) {
					t.Errorf("Check found %q in %v, want %q in %v; operations %+v", rule, ids, c.rule, c.ids, c.ops)
				}
				slices.Reverse(c.ops)
			}
		})
	}
}

func TestEXE1(t *testing.T) {
	judge(t, []checkCase{
		{"once", []Operation{ran(1, 1, 2, 3, 4)}, "", nil},
		{"twice", []Operation{ran(1, 1, 2, 3, 4).again(5, 6), ran(2, 7, 10, 8, 9)}, "EXE-1", []int{1}},
		{"a second run that has not ended", []Operation{ran(1, 1, 2, 3, 4).again(5, 0)}, "EXE-1", []int{1}},
	})
}

func TestEXE2(t *testing.T) {
	fence := ran(9, 10, 13, 11, 12).by(2)
	judge(t, []checkCase{
		{"lost before a fence", []Operation{ran(1, 1, 2, 0, 0).told(Pending), fence}, "EXE-2", []int{1, 9}},
		{"still queued, no fence", []Operation{ran(1, 1, 2, 0, 0).told(Pending), ran(2, 3, 4, 0, 0).told(Pending)}, "", nil},
		{"the fence was called before the return", []Operation{ran(1, 1, 11, 0, 0).told(Pending), ran(9, 10, 14, 12, 13)}, "", nil},
		{"the fence was called at the time of the return", []Operation{ran(1, 1, 10, 0, 0).told(Pending), fence}, "", nil},
		{"a call that has not returned", []Operation{ran(1, 1, 0, 0, 0).told(Pending), fence}, "", nil},
		{"canceled, refused", []Operation{ran(1, 1, 2, 0, 0).told(Canceled), ran(2, 3, 4, 0, 0).told(Refused), fence}, "", nil},
		{"the fence is on another object", []Operation{ran(1, 1, 2, 0, 0).told(Pending).onto(1), fence}, "", nil},
		{"the fence is on both objects", []Operation{ran(1, 1, 2, 0, 0).told(Pending).onto(1), fence.onto(0, 1)}, "EXE-2", []int{1, 9}},
		{"lost on the second object", []Operation{ran(1, 1, 2, 0, 0).told(Pending).onto(1, 0), fence}, "EXE-2", []int{1, 9}},
		{"reported as run", []Operation{ran(1, 1, 2, 0, 0)}, "EXE-2", []int{1}},
	})
}

func TestCAN1_TRY1(t *testing.T) {
	judge(t, []checkCase{
		{"canceled and did not run", []Operation{ran(1, 1, 2, 0, 0).told(Canceled)}, "", nil},
		{"canceled and ran", []Operation{ran(1, 1, 2, 3, 4).told(Canceled)}, "CAN-1", []int{1}},
		{"started and reported as canceled", []Operation{ran(1, 1, 4, 2, 0).told(Canceled)}, "CAN-1", []int{1}},
		{"refused and did not run", []Operation{ran(1, 1, 2, 0, 0).told(Refused)}, "", nil},
		{"refused and ran", []Operation{ran(1, 1, 2, 3, 4).told(Refused)}, "TRY-1", []int{1}},
	})
}

func TestEXC1(t *testing.T) {
	judge(t, []checkCase{
		{"one after the other", []Operation{ran(1, 1, 2, 5, 6), ran(2, 3, 4, 7, 8)}, "", nil},
		{"the clock did not advance between them", []Operation{ran(1, 1, 2, 5, 6), ran(2, 3, 4, 6, 8)}, "", nil},
		{"crossed", []Operation{ran(1, 1, 2, 5, 7), ran(2, 3, 4, 6, 8).by(2)}, "EXC-1", []int{1, 2}},
		{"one inside the other", []Operation{ran(1, 1, 2, 5, 9), ran(2, 3, 4, 6, 8).by(2)}, "EXC-1", []int{1, 2}},
		{"the first has not ended", []Operation{ran(1, 1, 0, 5, 0).told(Pending), ran(2, 3, 4, 6, 8).by(2)}, "EXC-1", []int{1, 2}},
		{"on different objects", []Operation{ran(1, 1, 2, 5, 7), ran(2, 3, 4, 6, 8).onto(1)}, "", nil},
		{"on one of two objects", []Operation{ran(1, 1, 2, 5, 7).onto(0, 3), ran(2, 3, 4, 6, 8).onto(3)}, "EXC-1", []int{1, 2}},
		{"wins over the order", []Operation{ran(1, 1, 2, 7, 9), ran(2, 3, 4, 6, 8)}, "EXC-1", []int{2, 1}},
	})
	if rule, _ := verdict(t, []Operation{ran(1, 1, 2, 5, 7), ran(2, 3, 4, 5, 7).by(2)}); rule != "EXC-1" {
		t.Errorf("two jobs that start at the same time: Check found %q, want EXC-1", rule)
	}
}

func TestORD1(t *testing.T) {
	judge(t, []checkCase{
		{"in the order of the calls", []Operation{ran(1, 1, 2, 5, 6), ran(2, 3, 4, 7, 8)}, "", nil},
		{"the other way round", []Operation{ran(1, 1, 2, 7, 8), ran(2, 3, 4, 5, 6)}, "ORD-1", []int{1, 2}},
		{"a call inside a job of the same client", []Operation{ran(1, 1, 6, 2, 5), ran(2, 3, 4, 7, 8)}, "", nil},
		{"preferred to a pair of two clients", []Operation{
			ran(1, 1, 2, 11, 12).by(2), ran(2, 3, 4, 9, 10), ran(3, 5, 6, 7, 8),
		}, "ORD-1", []int{2, 3}},
		{"on different objects", []Operation{ran(1, 1, 2, 7, 8), ran(2, 3, 4, 5, 6).onto(1)}, "", nil},
		{"on the object that two calls share", []Operation{ran(1, 1, 2, 7, 8).onto(0, 2), ran(2, 3, 4, 5, 6).onto(1, 2)}, "ORD-1", []int{1, 2}},
	})
}

func TestORD2(t *testing.T) {
	judge(t, []checkCase{
		{"concurrent calls", []Operation{ran(1, 1, 3, 7, 8), ran(2, 2, 4, 5, 6).by(2)}, "", nil},
		{"a return at the time of the call", []Operation{ran(1, 1, 3, 7, 8), ran(2, 3, 4, 5, 6).by(2)}, "", nil},
		{"a call that has not returned", []Operation{ran(1, 1, 0, 7, 8).told(Pending), ran(2, 3, 4, 5, 6).by(2)}, "", nil},
		{"overtaken", []Operation{ran(1, 1, 2, 7, 8), ran(2, 3, 4, 5, 6).by(2)}, "ORD-2", []int{1, 2}},
		{"overtaken by one that has not returned", []Operation{ran(1, 1, 2, 7, 8), ran(2, 3, 0, 5, 6).by(2).told(Pending)}, "ORD-2", []int{1, 2}},
		{"overtaken by one far ahead", []Operation{
			ran(1, 4, 5, 14, 15).by(1), ran(2, 1, 9, 10, 11).by(2), ran(3, 2, 20, 12, 13).by(3), ran(4, 6, 21, 7, 8).by(4),
		}, "ORD-2", []int{1, 4}},
		{"between canceled ones", []Operation{
			ran(1, 1, 2, 11, 12), ran(2, 3, 4, 0, 0).told(Canceled), ran(3, 5, 6, 9, 10).by(2),
		}, "ORD-2", []int{1, 3}},
	})
}

func TestMalformed(t *testing.T) {
	for _, c := range []struct {
		op   Operation
		want string
	}{
		{ran(1, 0, 2, 3, 4), "no stamp of the call"},
		{ran(1, -1, 2, 3, 4), "no stamp of the call"},
		{ran(1, 2, 2, 3, 4), "return at 2 is not after the call at 2"},
		{ran(1, 2, 3, 1, 4), "start at 1 is not after the call at 2"},
		{ran(1, 1, 2, 4, 3), "end at 3 is not after the start at 4"},
		{ran(1, 1, 2, 0, 3), "end at 3 is not after the start at 0"},
		{ran(1, 1, 2, 3, 4).again(6, 5), "end of the second run at 5 is not after its start at 6"},
		{ran(1, 1, 2, 0, 0).again(5, 6), "a second run without a first"},
		{ran(1, 1, 2, 3, 4).told("Ran"), `unknown outcome "Ran"`},
		{ran(1, 1, 2, 3, 4).onto(-1), "object -1 is not in the range"},
		{ran(1, 1, 2, 3, 4).onto(0, MaxObjects), "object 1048576 is not in the range"},
		{ran(1, 1, 2, 3, 4).onto(5, 6, 5), "object 5 is there twice"},
		{ran(1, 1, 2, 3, 4).onto(5, 6, 6), "object 6 is there twice"},
		{ran(0, 1, 2, 3, 4), "another operation has the same ID"},
		{ran(-7, 1, 2, 3, 4), "another operation has the same ID"},
		{ran(math.MaxInt, 1, 2, 3, 4), "another operation has the same ID"},
	} {
		first := ran(0, 11, 12, 13, 14)
		if c.op.ID != 1 {
			first.ID = c.op.ID
		}
		// A violation does not hide it: what is malformed cannot be believed.
		first.Outcome = Refused
		err := Check(&History{Operations: []Operation{first, c.op}})
		m, ok := errors.AsType[*MalformedError](err)
		if !ok || m.Index != 1 || m.ID != c.op.ID || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Check of %+v returned %v, want a MalformedError at index 1 with %q", c.op, err, c.want)
		}
	}
}

func TestSortedByStart(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, span := range []int64{1, 10, 1 << 11, 1 << 22, 1 << 40, 1<<62 + 1<<61} {
		for _, n := range []int{0, 1, 2, 100, 5000} {
			runs := make([]run, n)
			for i := range runs {
				runs[i] = run{start: 1 + rng.Int64N(span), op: int32(i)}
			}
			want := slices.Clone(runs)
			slices.SortStableFunc(want, func(a, b run) int { return cmp.Compare(a.start, b.start) })
			if got := sorted(runs); !slices.Equal(got, want) {
				t.Errorf("%d runs with starts up to %d are not sorted", n, span)
			}
		}
	}
}

// TestCheckCost shows that the memory of Check is in proportion to the history, in
// a number of allocations that does not depend on it: nothing is kept per pair.
func TestCheckCost(t *testing.T) {
	for _, n := range []int{1000, 100_000} {
		h := queued(n, 50)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if err := Check(h); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		if bytes := int(after.TotalAlloc-before.TotalAlloc) / n; bytes > 60 {
			t.Errorf("Check of %d operations allocated %d bytes for each, want at most 60", n, bytes)
		}
		if allocs := testing.AllocsPerRun(3, func() { Check(h) }); allocs > 10 {
			t.Errorf("Check of %d operations made %v allocations, want at most 10", n, allocs)
		}
	}
}
