package conformance

import (
	"slices"
	"time"

	"github.com/go-desync/go-desync/conformance/history"
)

// shrink drops clients, steps and pauses of a program as long as it still
// violates the rule in at least one of some reruns. It returns what it got to,
// with the history of the last violation.
func (s stochastic) shrink(t *trial, p *Program, h *history.History, v *history.Violation) (*Program, *history.History, *history.Violation) {
	const reruns = 10
	until := time.Now().Add(min(t.slice()*2, 5*time.Second))
	try := func(candidate *Program) bool {
		for range reruns {
			if time.Now().After(until) || t.ctx.Err() != nil || t.failed() {
				return false
			}
			h2, v2, hung := s.play(t, candidate)
			if hung {
				until = time.Time{}
				return false
			}
			if v2 != nil && v2.Rule == v.Rule {
				p, h, v = candidate, h2, v2
				return true
			}
		}
		return false
	}
	for smaller := true; smaller && time.Now().Before(until); {
		smaller = false
		for c := len(p.Clients) - 1; c >= 0 && len(p.Clients) > 1; c-- {
			q := p.clone()
			q.Clients = slices.Delete(q.Clients, c, c+1)
			smaller = try(q) || smaller
		}
		for c := range p.Clients {
			for part := len(p.Clients[c]) / 2; part >= 1; part /= 2 {
				for from := 0; from+part <= len(p.Clients[c]); from += part {
					if q := p.without(c, from, part); q != nil && try(q) {
						smaller = true
						from -= part
					}
				}
			}
		}
		if q := p.clone(); q.still() {
			smaller = try(q) || smaller
		}
	}
	return p, h, v
}

func (p *Program) clone() *Program {
	q := *p
	q.Clients = make([][]Step, len(p.Clients))
	for i, steps := range p.Clients {
		q.Clients[i] = slices.Clone(steps)
	}
	return &q
}

// without leaves out some calls of a client. Barriers stay, since all clients
// need the same number of them.
func (p *Program) without(client, from, n int) *Program {
	q := p.clone()
	kept := q.Clients[client][:0]
	for i, s := range p.Clients[client] {
		if i < from || i >= from+n || s.Kind == stepBarrier {
			kept = append(kept, s)
		}
	}
	q.Clients[client] = kept
	if len(kept) == len(p.Clients[client]) {
		return nil
	}
	return q
}

// still removes all pauses but those which end a context, and reports whether
// there were any.
func (p *Program) still() (changed bool) {
	for _, steps := range p.Clients {
		for i := range steps {
			s := &steps[i]
			for _, pause := range []*Pause{&s.Before, &s.Start, &s.End, &s.After} {
				changed = changed || *pause != Pause{}
				*pause = Pause{}
			}
		}
	}
	return changed
}
