package history

// sorted returns the runs in the order of their starts. Recorders hand in the
// operations client by client, and a comparison sort of them would cost more than
// all the rest of Check, so this is a radix sort.
func sorted(runs []run) []run {
	if len(runs) == 0 {
		return runs
	}
	lowest, highest, inOrder := runs[0].start, runs[0].start, true
	for i := 1; i < len(runs); i++ {
		s := runs[i].start
		lowest, highest = min(lowest, s), max(highest, s)
		inOrder = inOrder && runs[i-1].start <= s
	}
	if inOrder {
		return runs
	}
	const bits, mask = 11, 1<<11 - 1
	other := make([]run, len(runs))
	for shift := 0; (highest-lowest)>>shift != 0; shift += bits {
		var next [mask + 1]int32
		for i := range runs {
			next[(runs[i].start-lowest)>>shift&mask]++
		}
		sum := int32(0)
		for digit, n := range next {
			next[digit] = sum
			sum += n
		}
		for _, r := range runs {
			digit := (r.start - lowest) >> shift & mask
			other[next[digit]] = r
			next[digit]++
		}
		runs, other = other, runs
	}
	return runs
}

// An idSet finds IDs that are used twice. Most recorders count, so that a bit for
// each small ID serves them; the map is for the others.
type idSet struct {
	small []uint64
	large map[int]bool
}

func newIDSet(n int) *idSet {
	return &idSet{small: make([]uint64, n/16+1), large: map[int]bool{}}
}

// add reports whether the ID is new.
func (s *idSet) add(id int) bool {
	if id < 0 || id >= 64*len(s.small) {
		if s.large[id] {
			return false
		}
		s.large[id] = true
		return true
	}
	word, bit := &s.small[id/64], uint64(1)<<(id%64)
	if *word&bit != 0 {
		return false
	}
	*word |= bit
	return true
}
