package conformance

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/go-desync/go-desync/conformance/internal/pipe"
)

// play plays a program, and says what happened when it is over.
func (s *server) play(o pipe.Order) error {
	var p wireProgram
	if err := json.Unmarshal(o.Program, &p); err != nil {
		return fmt.Errorf("conformance: the driver's program cannot be read: %w", err)
	}
	program := &Program{Procs: p.Procs, Objects: p.Objects, Clients: p.Clients}
	if err := program.valid(); err != nil {
		return err
	}
	t := newTrial(context.Background(), &subject{f: s.f, o: options{budget: Short, seed: 1}, slowdown: 1}, "", "played")
	pl := t.newPlayer(program)
	for range p.Objects {
		pl.lists = append(pl.lists, &written{ids: make([]atomic.Int64, 2*len(pl.ops)+1)})
	}
	s.mu.Lock()
	s.last = pl
	s.mu.Unlock()
	go func() {
		if pl.run() {
			return
		}
		s.mu.Lock()
		stopped := s.last != pl
		s.last = nil
		s.mu.Unlock()
		if !stopped {
			s.say(pl.record(o.ID, true))
		}
	}()
	return nil
}

// stop says what has happened in the program so far.
func (s *server) stop(o pipe.Order) {
	s.mu.Lock()
	pl := s.last
	s.last = nil
	s.mu.Unlock()
	if pl == nil {
		s.say(pipe.Answer{Op: "error", ID: o.ID, Code: "nothing-played", Text: "no program is played"})
		return
	}
	s.say(pl.record(o.ID, false))
}

// record is the history of a program as it travels.
func (pl *player) record(id int64, whole bool) pipe.Answer {
	a := pipe.Answer{Op: "history", ID: id, Whole: whole}
	for _, h := range pl.history().Operations {
		for len(a.Rows) < h.ID { // was never called
			a.Rows = append(a.Rows, make([]int64, rowLength))
		}
		row := []int64{h.Call, h.Return, h.Start, h.End, 0, 0, int64(slices.Index(told, h.Outcome))}
		if h.Again != nil {
			row[rowStart2], row[rowEnd2] = h.Again.Start, h.Again.End
		}
		a.Rows = append(a.Rows, row)
	}
	for len(a.Rows) < len(pl.ops) {
		a.Rows = append(a.Rows, make([]int64, rowLength))
	}
	for _, w := range pl.lists {
		list := []int{}
		for i := range min(int(w.n.Load()), len(w.ids)) {
			list = append(list, int(w.ids[i].Load()))
		}
		a.Lists = append(a.Lists, list)
	}
	return a
}

// race has clients hand over jobs that read and write plain fields, for a build with the
// race detector.
func (s *server) race(o pipe.Order) {
	object, err := s.f.New(Setup{Name: "race", Logf: func(string, ...any) {}})
	if err != nil {
		s.say(pipe.Answer{Op: "error", ID: o.ID, Code: "no-object", Text: err.Error()})
		return
	}
	var clients sync.WaitGroup
	for c := range o.P {
		clients.Go(func() {
			for i := range o.N {
				in, out := []int{c}, 0
				job := func(st *State) { st.sum += in[0]; st.runs++; out = st.runs }
				switch f, future := object.(Futurer); {
				case o.Kind == pipe.Async && i%8 != 0:
					object.Async(job)
				case o.Kind == pipe.Future && future:
					_, _ = f.Future(func(st *State) int { job(st); return out })(context.Background())
					in[0] = out
				default:
					object.Do(job)
					in[0] = out
				}
			}
		})
	}
	clients.Wait()
	object.Do(func(st *State) { st.runs++ })
	s.say(pipe.Answer{Op: "pong", ID: o.ID})
}
