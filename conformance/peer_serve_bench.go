package conformance

import (
	"context"
	"sync"
	"time"

	"github.com/go-desync/go-desync/conformance/internal/pipe"
)

// bench makes calls on one object as fast as it can, and says how long they took. Each has a
// closure of its own, as programs do.
func (s *server) bench(o pipe.Order) {
	object, err := s.f.New(Setup{Name: "bench", Logf: func(string, ...any) {}})
	if err != nil {
		s.say(pipe.Answer{Op: "error", ID: o.ID, Code: "no-object", Text: err.Error()})
		return
	}
	calls := loop(object, o.Kind, o.N)
	if calls == nil {
		s.say(pipe.Answer{Op: "error", ID: o.ID, Code: pipe.UnknownKind, Text: o.Kind})
		return
	}
	gate := make(chan struct{})
	var clients sync.WaitGroup
	for range o.P {
		clients.Go(func() { <-gate; calls() })
	}
	begin, ran := time.Now(), 0
	close(gate)
	clients.Wait()
	object.Do(func(st *State) { ran = st.runs })
	s.say(pipe.Answer{Op: "bench", ID: o.ID, NS: max(1, time.Since(begin).Nanoseconds()), Ran: int64(ran)})
}

// loop returns n calls of a kind, or nil if the object does not have it.
func loop(object Object, kind string, n int) (calls func()) {
	switch f, future := object.(Futurer); {
	case kind == pipe.Async:
		return func() {
			for i := range n {
				object.Async(func(st *State) { st.sum = i; st.runs++ })
			}
		}
	case kind == pipe.Do:
		return func() {
			for i := range n {
				object.Do(func(st *State) { st.sum = i; st.runs++ })
			}
		}
	case kind == pipe.Future && future:
		return func() {
			for i := range n {
				_, _ = f.Future(func(st *State) int { st.runs++; return i })(context.Background())
			}
		}
	}
	return nil
}
