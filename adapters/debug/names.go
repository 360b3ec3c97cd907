package debug

import (
	"cmp"
	"slices"

	"github.com/go-desync/go-desync/adapters/flight"
)

// namesOf returns the names with the most jobs, those first, and how many names have jobs.
func namesOf(s *flight.Snapshot) (most []name, all int) {
	jobs := func(n *flight.Name) uint64 {
		return n.Returned + n.Unwound + n.NotRun + uint64(n.Queued+n.Held+n.Running)
	}
	list := make([]*flight.Name, 0, len(s.Names))
	for i := range s.Names {
		if jobs(&s.Names[i]) > 0 {
			list = append(list, &s.Names[i])
		}
	}
	slices.SortStableFunc(list, func(a, b *flight.Name) int { return cmp.Compare(jobs(b), jobs(a)) })
	all = len(list)
	list = list[:min(all, mostNames)]
	most = make([]name, len(list))
	for i, n := range list {
		most[i] = name{
			cut(n.Name), n.Returned, n.Unwound, n.NotRun, n.Queued, n.Held, n.Running, trim(n.Wait.Counts[:]), trim(n.Run.Counts[:]),
			jobsOf(s, n.Slow), jobsOf(s, n.Failed), jobsOf(s, n.Canceled),
		}
	}
	return most, all
}

func trim(counts []uint64) []uint64 {
	for len(counts) > 0 && counts[len(counts)-1] == 0 {
		counts = counts[:len(counts)-1]
	}
	return append([]uint64{}, counts...)
}

// hotOf returns the objects with the most jobs of the names with the most jobs, as far as
// those have several objects.
func hotOf(s *flight.Snapshot) []hot {
	type count struct {
		name    string
		jobs    int
		objects map[uint64]bool
	}
	byName := make(map[string]*count)
	for i := range s.Jobs {
		j := &s.Jobs[i]
		c := byName[j.Name]
		if c == nil {
			c = &count{name: j.Name, objects: make(map[uint64]bool)}
			byName[j.Name] = c
		}
		c.jobs++
		c.objects[j.ObjectID] = true
	}
	var names []*count
	for _, c := range byName {
		if len(c.objects) > 1 {
			names = append(names, c)
		}
	}
	slices.SortFunc(names, func(a, b *count) int { return cmp.Or(cmp.Compare(b.jobs, a.jobs), cmp.Compare(a.name, b.name)) })
	all := []hot{}
	for _, c := range names[:min(len(names), mostHotNames)] {
		top := slices.Clone(s.Hot(c.name))
		top = top[:min(len(top), mostHot)]
		for i := range top {
			top[i].Object = cut(top[i].Object)
		}
		all = append(all, hot{cut(c.name), len(c.objects), top})
	}
	return all
}
