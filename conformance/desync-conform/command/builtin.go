package command

import (
	"github.com/go-desync/go-desync/conformance/desync-conform/internal/mutant"
	"github.com/go-desync/go-desync/conformance/desync-conform/internal/odd"
	"github.com/go-desync/go-desync/conformance/desync-conform/internal/reference"
)

// Builtin returns the subjects that come with the suite: the three correct
// references, and, as extras, those that are odd but correct, and the mutants.
func Builtin() []Subject {
	subjects := []Subject{
		{Name: "reference/deque", About: "correct: a mutex and a deque", Factory: reference.MutexDeque()},
		{Name: "reference/actor", About: "correct: a goroutine that works off an unbounded queue", Factory: reference.Actor()},
		{Name: "reference/tickets", About: "correct: a queue of tickets", Factory: reference.Tickets()},
	}
	for _, o := range odd.All() {
		subjects = append(subjects, Subject{Name: "odd/" + o.Name, About: "correct: " + o.About, Factory: o.Factory, Extra: true})
	}
	for _, m := range mutant.All() {
		subjects = append(subjects, Subject{Name: "mutant/" + m.Name, About: m.Doc, Factory: m.Factory(), Isolate: true, Extra: true})
	}
	return subjects
}
