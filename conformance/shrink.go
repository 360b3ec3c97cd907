package conformance

import (
	"fmt"
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

// size is the number of calls.
func (p *Program) size() (n int) {
	for _, steps := range p.Clients {
		for _, s := range steps {
			if s.Kind != stepBarrier {
				n++
			}
		}
	}
	return n
}

// valid returns what is wrong with a program that came from a file.
func (p *Program) valid() error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("conformance: the program is not valid: "+format, args...)
	}
	if p.Procs < 1 || p.Procs > 1024 || p.Objects < 1 || p.Objects > 1024 || len(p.Clients) == 0 || len(p.Clients) > 1024 {
		return bad("%d processors, %d objects, %d clients", p.Procs, p.Objects, len(p.Clients))
	}
	barriers := -1
	for c, steps := range p.Clients {
		n := 0
		for _, s := range steps {
			if s.Kind == stepBarrier {
				n++
			} else if _, ok := featureOf(s.Kind); !ok {
				return bad("client %d has a step of unknown kind %q", c, s.Kind)
			}
			for i, o := range append([]int{s.Object}, s.Also...) {
				if o < 0 || o >= p.Objects || i > 0 && (o == s.Object || slices.Contains(s.Also[:i-1], o)) {
					return bad("client %d names object %d of %d, or names it twice", c, o, p.Objects)
				}
			}
		}
		if barriers >= 0 && n != barriers {
			return bad("clients have %d and %d barriers, and would wait for each other for ever", barriers, n)
		}
		barriers = n
	}
	return nil
}

// missing returns a feature that the program needs and the object lacks, or "".
func (p *Program) missing(t *trial) Feature {
	for _, steps := range p.Clients {
		for _, s := range steps {
			if f, _ := featureOf(s.Kind); s.Kind != stepBarrier && !t.has(f) {
				return f
			}
		}
	}
	return ""
}

// featureOf returns the feature that a kind of call belongs to.
func featureOf(kind string) (Feature, bool) {
	switch kind {
	case stepAsync, stepDo:
		return FeatureCore, true
	case stepFuture:
		return FeatureFuture, true
	case stepContext:
		return FeatureCancel, true
	case stepFutureContext:
		return FeatureCancelFuture, true
	case stepTry:
		return FeatureTry, true
	case stepAfter:
		return FeatureAfter, true
	case stepSubmit:
		return FeatureClose, true
	case stepSeveral:
		return FeatureSeveral, true
	}
	return "", false
}
