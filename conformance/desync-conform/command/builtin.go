package command

import (
	"github.com/go-desync/go-desync/conformance/desync-conform/internal/mutant"
	"github.com/go-desync/go-desync/conformance/desync-conform/internal/reference"
)

// Builtin returns the subjects that come with the suite: the three correct
// references, and, as extras, the mutants.
func Builtin() []Subject {
	subjects := []Subject{
		{Name: "reference/deque", About: "correct: a mutex and a deque", Factory: reference.MutexDeque()},
		{Name: "reference/actor", About: "correct: a goroutine that works off an unbounded queue", Factory: reference.Actor()},
		{Name: "reference/tickets", About: "correct: a queue of tickets", Factory: reference.Tickets()},
	}
	for _, m := range mutant.All() {
		subjects = append(subjects, Subject{Name: "mutant/" + m.Name, About: m.Doc, Factory: m.Factory(), Isolate: true, Extra: true})
	}
	return subjects
}
