package desync

import "testing"

// An object that became busy before newcomers does not wait for all of these, even if no
// member goes on with another object because each job blocks.
func TestPAR1_AStreamOfNewcomersLeavesNobodyBehind(t *testing.T) {
	c := &crew{start: func() {}} // the test is the members
	first := new(drainer)
	c.put(first, true)
	const most = 3
	for n := range most + 1 {
		c.put(new(drainer), true)
		if c.takeFirst() == first {
			return
		}
		if n == most {
			t.Errorf("PAR-1: an object waits, although %d that came later were taken", n+1)
		}
	}
}

// All that is put is taken once, whether members begin or go on.
func TestEXE1_EXE2_ACrewTakesEachObjectOnce(t *testing.T) {
	for seed := range 1 << 10 {
		c := &crew{start: func() {}}
		put, taken := map[*drainer]bool{}, map[*drainer]bool{}
		take := func(w *drainer) {
			if w == nil {
				return
			}
			if !put[w] || taken[w] {
				t.Fatalf("EXE-1: seed %d: an object is taken twice, or was never put", seed)
			}
			taken[w] = true
		}
		for i := range 10 {
			w := new(drainer)
			put[w] = true
			c.put(w, seed>>i&1 == 0)
			switch (seed >> i) % 3 {
			case 0:
				take(c.takeFirst())
			case 1:
				take(c.take())
			}
			if len(taken) < len(put) && !c.coming {
				t.Fatalf("PAR-1: seed %d: nobody comes for %d objects", seed, len(put)-len(taken))
			}
		}
		for w := c.takeFirst(); w != nil; w = c.take() {
			take(w)
		}
		if len(taken) != len(put) {
			t.Errorf("EXE-2: seed %d: %d of %d objects were taken", seed, len(taken), len(put))
		}
	}
}
