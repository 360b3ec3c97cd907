// A clone of each element, too; and the keys of a map, which refer to nothing.
package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/go-desync/go-desync/desync"
)

type user struct {
	name  string
	roles []string
}

type users struct {
	d desync.Desync[map[string]*user]
}

func (u *users) demote(name string) {
	u.d.Async(func(m *map[string]*user) { (*m)[name].roles[0] = "guest" })
}

func (u *users) names() []string {
	return u.d.Sync(func(m *map[string]*user) []string { return slices.Sorted(maps.Keys(*m)) })
}

func (u *users) all() []user {
	return u.d.Sync(func(m *map[string]*user) []user {
		out := make([]user, 0, len(*m))
		for _, u := range *m {
			out = append(out, user{u.name, slices.Clone(u.roles)})
		}
		return out
	})
}

func main() {
	var u users
	u.d.Do(func(m *map[string]*user) { *m = map[string]*user{"ann": {"ann", []string{"admin"}}} })
	u.demote("ann")
	fmt.Println(u.names(), u.all())
}
