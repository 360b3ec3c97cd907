package debug

import (
	"cmp"
	"slices"
	"time"

	"github.com/go-desync/go-desync/adapters/flight"
)

// How long a chain that is shown may be, how many are looked for, and how long that may take.
const (
	mostLinks  = 12
	mostStarts = 50
	chainsTime = 20 * time.Millisecond
)

// chainsOf returns who waits for whom, beginning with the objects on which somebody has
// waited the longest. One that is a part of another is left out, and so is one of two jobs,
// the one that waits and the one that runs: the table of the objects has those.
func chainsOf(s *flight.Snapshot, objects []flight.Object) []chain {
	var found [][]flight.Job
	start := time.Now()
	for _, o := range objects[:min(len(objects), mostStarts)] {
		from := cmp.Or(o.Oldest, o.Holder)
		if jobs := s.Chain(from.ID); len(jobs) > 2 {
			found = append(found, jobs)
		}
		if time.Since(start) > chainsTime {
			break
		}
	}
	slices.SortStableFunc(found, func(a, b []flight.Job) int { return cmp.Compare(len(b), len(a)) })

	all := []chain{}
	covered := make(map[uint64]bool)
	for _, jobs := range found {
		if covered[jobs[0].ID] {
			continue
		}
		for _, j := range jobs {
			covered[j.ID] = true
		}
		all = append(all, chainOf(s, jobs))
	}
	slices.SortStableFunc(all, func(a, b chain) int { return cmp.Compare(b.rank(), a.rank()) })
	return all[:min(len(all), mostChains)]
}

func chainOf(s *flight.Snapshot, jobs []flight.Job) chain {
	last := jobs[len(jobs)-1]
	c := chain{Ring: slices.ContainsFunc(jobs[:len(jobs)-1], func(j flight.Job) bool { return j.ID == last.ID })}
	if len(jobs) > mostLinks {
		c.More = len(jobs) - mostLinks
		jobs = append(slices.Clone(jobs[:mostLinks-1]), last)
	}
	c.Jobs = jobsOf(s, jobs)
	return c
}

// rank puts rings first, then the longest waits.
func (c chain) rank() time.Duration {
	if c.Ring {
		return 1<<63 - 1
	}
	return c.Jobs[0].Waited
}
