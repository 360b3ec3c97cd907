package conformance

import (
	"fmt"
	"slices"
	"strings"
)

// Tried is what a case tried in numbers: how many jobs were queued, for instance.
type Tried struct {
	What  string `json:"what"`  // such as "queued jobs"
	Sizes []int  `json:"sizes"` // in ascending order
}

// String returns it in words, such as "1, 2, 3 and 5 queued jobs".
func (x Tried) String() string {
	var parts []string
	for i := 0; i < len(x.Sizes); {
		j := i
		for j+1 < len(x.Sizes) && x.Sizes[j+1] == x.Sizes[j]+1 {
			j++
		}
		switch j - i {
		case 0:
			parts = append(parts, fmt.Sprint(x.Sizes[i]))
		case 1:
			parts = append(parts, fmt.Sprint(x.Sizes[i]), fmt.Sprint(x.Sizes[j]))
		default:
			parts = append(parts, fmt.Sprintf("%d to %d", x.Sizes[i], x.Sizes[j]))
		}
		i = j + 1
	}
	if last := len(parts) - 1; last > 0 {
		return strings.Join(parts[:last], ", ") + " and " + parts[last] + " " + x.What
	}
	return strings.Join(parts, "") + " " + x.What
}

// tried notes what the case has tried.
func (t *trial) tried(what string, sizes ...int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := slices.IndexFunc(t.numbers, func(x Tried) bool { return x.What == what })
	if i < 0 {
		i = len(t.numbers)
		t.numbers = append(t.numbers, Tried{What: what})
	}
	all := append(slices.Clone(t.numbers[i].Sizes), sizes...)
	slices.Sort(all)
	t.numbers[i].Sizes = slices.Compact(all)
}
