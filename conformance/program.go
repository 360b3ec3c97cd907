package conformance

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"
)

// A Program is what the clients of some objects do: a random one that a
// stochastic case made, as it was run. It repeats as it is; what Go's scheduler
// makes of it does not.
type Program struct {
	Case    string   `json:"case"`  // whose program it is
	Seed    uint64   `json:"seed"`  // that it was made from
	Procs   int      `json:"procs"` // GOMAXPROCS
	Objects int      `json:"objects"`
	Clients [][]Step `json:"clients"` // one goroutine each
}

// A Step is one call of a client, or a barrier that all clients pass together.
type Step struct {
	Kind   string `json:"kind"`
	Object int    `json:"object,omitempty"`
	Also   []int  `json:"also,omitempty"`   // of a call on several objects
	Cancel *Pause `json:"cancel,omitempty"` // when the context ends, after the call; before it if it is 0
	Before Pause  `json:"before,omitzero"`  // before the call
	Start  Pause  `json:"start,omitzero"`   // in the job, first thing
	End    Pause  `json:"end,omitzero"`     // in the job, last thing
	After  Pause  `json:"after,omitzero"`   // after the call
}

// The kinds of step.
const (
	stepAsync         = "async"
	stepDo            = "do"
	stepFuture        = "future"
	stepContext       = "do-context"
	stepFutureContext = "future-context"
	stepTry           = "try"
	stepAfter         = "after"
	stepSeveral       = "do-all"
	stepSubmit        = "submit"
	stepBarrier       = "barrier"
)

// A Pause is a way to let time pass: it yields the processor, spins, or sleeps.
type Pause struct {
	Yields int `json:"yields,omitempty"`
	Spins  int `json:"spins,omitempty"`
	Micros int `json:"micros,omitempty"`
}

func (p Pause) pass() {
	for range p.Yields {
		runtime.Gosched()
	}
	spin(p.Spins)
	if p.Micros > 0 {
		time.Sleep(time.Duration(p.Micros) * time.Microsecond)
	}
}

//go:noinline
func spin(n int) (x int) {
	for i := range n {
		x += i
	}
	return x
}

// somePause is most often none: a pause at every point would hide the races
// that need none.
func somePause(rng *rand.Rand) Pause {
	switch n := rng.IntN(100); {
	case n < 55:
		return Pause{}
	case n < 75:
		return Pause{Yields: 1 + rng.IntN(3)}
	case n < 99:
		return Pause{Spins: 1 << rng.IntN(13)}
	default:
		return Pause{Micros: 1 + rng.IntN(50)}
	}
}

// someStep is a call of some kind with pauses at some points.
func someStep(rng *rand.Rand, kinds []string) Step {
	s := Step{
		Kind:   kinds[rng.IntN(len(kinds))],
		Before: somePause(rng), Start: somePause(rng), End: somePause(rng), After: somePause(rng),
	}
	if (s.Kind == stepContext || s.Kind == stepFutureContext) && rng.IntN(3) > 0 {
		p := somePause(rng)
		s.Cancel = &p
	}
	return s
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

// thin leaves out calls until there are no more than some, all barriers stay.
func (p *Program) thin(most int) {
	size := p.size()
	if size <= most {
		return
	}
	n := 0
	for c, steps := range p.Clients {
		p.Clients[c] = slices.DeleteFunc(steps, func(s Step) bool {
			if s.Kind == stepBarrier {
				return false
			}
			n++
			return n*most/size == (n-1)*most/size
		})
	}
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
			return bad("clients have %d and %d barriers, and would wait for each other forever", barriers, n)
		}
		barriers = n
	}
	return nil
}

// missing returns a feature that the program needs and the object lacks, or "".
func (p *Program) missing(has func(Feature) bool) Feature {
	for _, steps := range p.Clients {
		for _, s := range steps {
			if f, _ := featureOf(s.Kind); s.Kind != stepBarrier && !has(f) {
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
