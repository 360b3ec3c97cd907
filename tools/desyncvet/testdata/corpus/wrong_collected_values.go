// A list of the values of a map has the pointers that jobs write through.
package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/go-desync/go-desync/desync"
)

type user struct{ name string }

type users struct {
	d desync.Desync[map[string]*user]
}

func (u *users) rename(old, name string) {
	u.d.Async(func(m *map[string]*user) { (*m)[old].name = name })
}

func (u *users) all() []*user {
	return u.d.Sync(func(m *map[string]*user) []*user { return slices.Collect(maps.Values(*m)) })
}

func main() {
	var u users
	u.d.Do(func(m *map[string]*user) { *m = map[string]*user{"ann": {"ann"}} })
	u.rename("ann", "anna")
	fmt.Println(u.all()[0].name)
}
