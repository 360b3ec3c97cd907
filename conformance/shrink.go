package conformance

import "slices"

// shrunk drops clients, steps and pauses of a program as long as it still fails, and
// returns what it got to. It tries nothing more once over says so.
func (p *Program) shrunk(over func() bool, fails func(*Program) bool) *Program {
	try := func(candidate *Program) bool {
		if !fails(candidate) {
			return false
		}
		p = candidate
		return true
	}
	for smaller := true; smaller && !over(); {
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
	return p
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
