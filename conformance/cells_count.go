package conformance

import "fmt"

// CellCount is how many cells a case has played of a row of the table of cells: those
// of one call in one state.
type CellCount struct {
	Call   string `json:"call"`
	State  string `json:"state"`
	Ran    int    `json:"ran"`              // and were judged
	Of     int    `json:"of"`               // that the rule has, for what the object has
	Broken int    `json:"broken,omitempty"` // how many of Ran broke the rule
}

// CellCalls returns the calls of the table of cells, in the order of SPEC.md.
func CellCalls() (names []string) {
	for _, c := range callTable {
		names = append(names, c.name)
	}
	return names
}

// CellStates returns the states of the table of cells, in the order of SPEC.md.
func CellStates() (names []string) {
	for _, s := range stateTable {
		names = append(names, s.name)
	}
	return names
}

// A spoil is cells that hang: those of one call in one state, or those with one call that
// comes next.
type spoil struct {
	next  bool
	call  callKind
	state stateKind
}

// A row is the cells of one call in one state.
type row struct {
	call  callKind
	state stateKind
}

// cellCounts counts the cells of each row, once each.
type cellCounts struct {
	rows []CellCount
	at   map[row]int
	seen map[cell]bool
}

func newCellCounts(all []cell) *cellCounts {
	n := &cellCounts{at: map[row]int{}, seen: map[cell]bool{}}
	for _, c := range all {
		r := row{c.call, c.state}
		if _, ok := n.at[r]; !ok {
			n.at[r] = len(n.rows)
			n.rows = append(n.rows, CellCount{Call: callTable[c.call].name, State: stateTable[c.state].name})
		}
		n.rows[n.at[r]].Of++
	}
	return n
}

func (n *cellCounts) add(c cell, broken bool) {
	r := &n.rows[n.at[row{c.call, c.state}]]
	if !n.seen[c] {
		n.seen[c] = true
		r.Ran++
	}
	if broken {
		r.Broken++
	}
}

func (n *cellCounts) ran() int { return len(n.seen) }

func (n *cellCounts) String() string { return cellsOf(n.rows) }

// cellsOf says how many cells of some rows were played.
func cellsOf(rows []CellCount) string {
	ran, of := 0, 0
	for _, r := range rows {
		ran, of = ran+r.Ran, of+r.Of
	}
	return fmt.Sprintf("%d of %d cells", ran, of)
}
