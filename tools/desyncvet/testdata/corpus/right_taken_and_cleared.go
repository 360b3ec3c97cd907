// What was copied is no part of the data any more.
package main

import (
	"fmt"
	"maps"

	"github.com/go-desync/go-desync/desync"
)

type user struct{ visits int }

type users struct {
	d desync.Desync[map[string]*user]
}

func (u *users) visit(name string) {
	u.d.Async(func(m *map[string]*user) { (*m)[name].visits++ })
}

func (u *users) take() map[string]*user {
	return u.d.Sync(func(m *map[string]*user) map[string]*user {
		all := maps.Clone(*m)
		clear(*m)
		return all
	})
}

func main() {
	var u users
	u.d.Do(func(m *map[string]*user) { *m = map[string]*user{"ann": {}} })
	u.visit("ann")
	fmt.Println(u.take()["ann"].visits)
}
