// A clone of a slice of structs shares what the structs refer to.
package main

import (
	"fmt"
	"slices"

	"github.com/go-desync/go-desync/desync"
)

type user struct {
	name  string
	roles []string
}

type users struct{ d desync.Desync[[]user] }

func (u *users) demote(i int) { u.d.Async(func(l *[]user) { (*l)[i].roles[0] = "guest" }) }

func (u *users) all() []user {
	return u.d.Sync(func(l *[]user) []user { return slices.Clone(*l) })
}

func main() {
	var u users
	u.d.Do(func(l *[]user) { *l = []user{{"ann", []string{"admin"}}} })
	u.demote(0)
	fmt.Println(u.all())
}
