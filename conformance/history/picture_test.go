package history

import (
	"strings"
	"testing"
)

func kind(o Operation, kind string) Operation { o.Kind = kind; return o }

func TestPicture(t *testing.T) {
	for _, c := range []struct {
		ops  []Operation
		want string
	}{
		{[]Operation{ran(7, 1, 2, 7, 8), ran(9, 3, 6, 4, 5).by(2)}, `
ORD-2 violated: #7 returned before #9 was called, but #9 ran first
 g1  |--call#7--ret|
 g2                  |--call#9--ret|
 run                  [#9]           [#7]
`},
		{[]Operation{kind(ran(7, 1, 2, 7, 8), "async"), kind(ran(9, 3, 6, 4, 5), "do")}, `
ORD-1 violated: one client called #7 before #9, but #9 ran first
 g1  |--async#7--ret| |--do#9--ret|
 run                   [#9]         [#7]
`},
		{[]Operation{ran(7, 1, 2, 0, 0).by(2).told(Pending), ran(9, 3, 6, 4, 5)}, `
EXE-2 violated: #7 returned before #9 was called, and #9 ran, but #7 never did
 g1                  |--call#9--ret|
 g2  |--call#7--ret|
 run                  [#9]
 #7 never ran
`},
		{[]Operation{kind(ran(7, 1, 0, 3, 0), "do").told(Pending), kind(ran(9, 2, 6, 4, 5), "do").by(10)}, `
EXC-1 violated: #9 started to run before #7 had ended
 g1  |--do#7--......
 g10  |--do#9--ret|
 run   [#7..........
 run    [#9]
`},
		{[]Operation{ran(7, 1, 2, 3, 4).again(5, 6)}, `
EXE-1 violated: #7 ran twice
 g1  |--call#7--ret|
 run                 [#7] [#7]
`},
		{[]Operation{ran(7, 1, 2, 3, 4).told(Canceled).onto(5, 6)}, `
CAN-1 violated: #7 was reported as canceled, but it ran
 g1  |--call#7--canceled|
 run                      [#7]
`},
		{[]Operation{ran(7, 1, 4, 2, 3).told(Refused)}, `
TRY-1 violated: #7 was refused, but it ran
 g1  |--call#7--refused|
 run  [#7]
`},
	} {
		v, _ := Check(&History{Operations: c.ops}).(*Violation)
		if v == nil {
			t.Errorf("no violation for\n%s", c.want)
			continue
		}
		if got := v.Picture(); got != strings.TrimPrefix(c.want, "\n") {
			t.Errorf("the picture is\n%s\nwant%s", got, c.want)
		}
	}
}

func TestCut(t *testing.T) {
	h := broken(t)
	v := Check(h).(*Violation)
	for _, around := range []int{-1, 0, 1, 10, 10_000} {
		cut := h.Cut(v, around)
		want := min(2+max(around, 0), len(h.Operations))
		if len(cut.Operations) != want {
			t.Errorf("Cut with %d around has %d operations, want %d", around, len(cut.Operations), want)
		}
		if whole := want == len(h.Operations); (cut.CutFrom == 0) != whole {
			t.Errorf("Cut with %d around says that it is cut from %d operations", around, cut.CutFrom)
		}
		if err := Check(cut); err == nil || err.Error() != v.Error() {
			t.Errorf("Check of the cut with %d around returned %v, want %v", around, err, v)
		}
		for _, o := range cut.Operations {
			if d := o.ID - v.Operations[0].ID; around == 10 && (d < -100 || d > 100) {
				t.Errorf("Cut with 10 around took #%d, which is far from #%d", o.ID, v.Operations[0].ID)
			}
		}
	}
	if twice := h.Cut(v, 10).Cut(v, 0); twice.CutFrom != len(h.Operations) {
		t.Errorf("a cut of a cut says that it is from %d operations, want %d", twice.CutFrom, len(h.Operations))
	}
}

// broken returns a history of 1,000 operations in which two jobs changed places.
func broken(t *testing.T) *History {
	h := queued(1000, 6)
	byID := make([]*Operation, len(h.Operations))
	for i := range h.Operations {
		byID[h.Operations[i].ID] = &h.Operations[i]
	}
	for i := 500; i < 999; i++ {
		a, b := byID[i], byID[i+1]
		if a.Client != b.Client && a.Start > b.Return {
			a.Start, b.Start, a.End, b.End = b.Start, a.Start, b.End, a.End
			return h
		}
	}
	t.Fatal("no two jobs can change places")
	return nil
}
