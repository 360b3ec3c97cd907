// Two services call each other while they are busy.
package main

import (
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

type server struct {
	users  *desync.Desync[map[string]int]
	orders *desync.Desync[map[string]int]
}

func (s *server) Order(user string) {
	s.orders.Do(func(orders *map[string]int) {
		(*orders)[user]++
		s.users.Do(func(users *map[string]int) { (*users)[user]++ })
	})
}

func (s *server) Rename(from, to string) {
	s.users.Do(func(users *map[string]int) {
		(*users)[to] = (*users)[from]
		delete(*users, from)
		s.moveOrders(from, to)
	})
}

func (s *server) moveOrders(from, to string) {
	s.orders.Do(func(orders *map[string]int) { (*orders)[to] += (*orders)[from] })
}

func main() {
	s := &server{desync.New(map[string]int{}), desync.New(map[string]int{})}
	s.Order("a")
	s.Rename("a", "b")
	fmt.Println("done")
}
