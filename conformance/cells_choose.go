package conformance

import "math/rand/v2"

// chooseCells returns some of the cells, in an order that depends on the random numbers:
// every pair of values that occurs in one of the cells occurs in one of those chosen, and
// every call in every state with every ending, and with every context.
func chooseCells(cells []cell, rng *rand.Rand) (chosen []cell) {
	rest := shuffledCells(cells, rng)
	seen := make([]bool, (pairsOfCell+2*mostValues)*mostValues*mostValues)
	for most := pairsOfCell + 2; most > 0; most-- { // those that show the most first
		kept := rest[:0]
		for _, c := range rest {
			fresh, pairs := 0, c.pairs()
			for _, p := range pairs {
				if !seen[p] {
					fresh++
				}
			}
			switch {
			case fresh >= most:
				chosen = append(chosen, c)
				for _, p := range pairs {
					seen[p] = true
				}
			case fresh > 0:
				kept = append(kept, c)
			}
		}
		rest = kept
	}
	return chosen
}

func shuffledCells(cells []cell, rng *rand.Rand) []cell {
	cells = append([]cell(nil), cells...)
	rng.Shuffle(len(cells), func(i, j int) { cells[i], cells[j] = cells[j], cells[i] })
	return cells
}

const (
	pairsOfCell = 10 // of its 5 values
	mostValues  = 12 // of a kind
)

// pairs returns a number for each pair of values of a cell, and two for the call and the
// state together with another value.
func (c cell) pairs() (pairs [pairsOfCell + 2]int) {
	values := [5]int{int(c.call), int(c.state), int(c.end), int(c.ctx), int(c.next)}
	n := 0
	for i := range values {
		for j := range i {
			pairs[n] = (n*mostValues+values[i])*mostValues + values[j]
			n++
		}
	}
	for i, other := range [2]int{values[2], values[3]} {
		row := values[0]*mostValues + values[1]
		pairs[n+i] = (pairsOfCell+i*mostValues+other)*mostValues*mostValues + row
	}
	return pairs
}
