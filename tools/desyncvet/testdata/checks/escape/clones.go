package escape

import (
	"maps"
	"slices"

	"github.com/go-desync/go-desync/desync"
)

type user struct{ roles []string }

type place struct{ name string }

func changeUsers(d *desync.Desync[[]user], m *desync.Desync[map[string]*user]) {
	d.Async(func(l *[]user) { (*l)[0].roles[0] = "guest" })
	m.Async(func(l *map[string]*user) { (*l)["ann"].roles = nil })
}

// A copy of what refers to other things refers to the same.
func shallow(d *desync.Desync[[]user], m *desync.Desync[map[string]*user], keep *[]user) {
	_ = d.Sync(func(l *[]user) []user { return slices.Clone(*l) })                               // want `slices.Clone\(\*l\) leaves the job of Sync: it is returned, and it is changed in place`
	_ = m.Sync(func(l *map[string]*user) map[string]*user { return maps.Clone(*l) })             // want `maps.Clone`
	_ = d.Sync(func(l *[]user) []user { return append([]user(nil), *l...) })                     // want `append`
	_ = m.Sync(func(l *map[string]*user) []*user { return slices.Collect(maps.Values(*l)) })     // want `slices.Collect`
	_ = m.Sync(func(l *map[string]*user) map[string]*user { return maps.Collect(maps.All(*l)) }) // want `maps.Collect`
	_ = d.Sync(func(l *[]user) []user { return slices.Concat(*l, *l) })                          // want `slices.Concat`
	_ = d.Sync(func(l *[]user) []user { return slices.AppendSeq([]user{}, slices.Values(*l)) })  // want `slices.AppendSeq`
	_ = d.Sync(func(l *[]user) []user {
		out := make([]user, len(*l))
		copy(out, *l)
		return out // want `out leaves the job`
	})
	_ = m.Sync(func(l *map[string]*user) map[string]*user {
		out := make(map[string]*user)
		maps.Copy(out, *l)
		return out // want `out leaves the job`
	})
	d.Do(func(l *[]user) { copy(*keep, *l) }) // want `\*l leaves the job of Do: it is copied to \*keep`
}

func deep(d *desync.Desync[[]user], m *desync.Desync[map[string]*user], places *desync.Desync[[]place]) {
	_ = m.Sync(func(l *map[string]*user) []string { return slices.Sorted(maps.Keys(*l)) })
	_ = m.Sync(func(l *map[string]*user) []string { return slices.Collect(maps.Keys(*l)) })
	_ = places.Sync(func(l *[]place) []place { (*l)[0].name = "here"; return slices.Clone(*l) })
	_ = d.Sync(func(l *[]user) []user {
		out := make([]user, 0, len(*l))
		for _, u := range *l {
			out = append(out, user{slices.Clone(u.roles)})
		}
		return out
	})
	d.Do(func(l *[]user) {
		out := slices.Clone(*l)
		out[0] = user{}
		*l = out
	})
}
