// A pointer to a session is given away, while jobs change its fields.
package main

import (
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

type session struct {
	user string
	hits int
}

type sessions struct {
	d desync.Desync[map[string]*session]
}

func (s *sessions) Hit(id string) {
	s.d.Do(func(m *map[string]*session) {
		if *m == nil {
			*m = make(map[string]*session)
		}
		if (*m)[id] == nil {
			(*m)[id] = new(session)
		}
		(*m)[id].hits++
	})
}

func (s *sessions) Get(id string) *session {
	return s.d.Sync(func(m *map[string]*session) *session { return (*m)[id] })
}

func main() {
	var s sessions
	s.Hit("a")
	fmt.Println(s.Get("a").hits)
}
