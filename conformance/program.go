package conformance

import (
	"math/rand/v2"
	"runtime"
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

// kindsOf returns the kinds of call that the claimed features allow.
func (t *trial) kindsOf() []string {
	kinds := []string{stepAsync, stepAsync, stepDo}
	for _, k := range []struct {
		feature Feature
		kind    string
	}{
		{FeatureFuture, stepFuture},
		{FeatureCancel, stepContext},
		{FeatureCancelFuture, stepFutureContext},
		{FeatureTry, stepTry},
		{FeatureAfter, stepAfter},
		{FeatureClose, stepSubmit},
	} {
		if t.has(k.feature) {
			kinds = append(kinds, k.kind)
		}
	}
	return kinds
}

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
