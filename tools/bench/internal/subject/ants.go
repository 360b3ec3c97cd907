package subject

import "github.com/panjf2000/ants/v2"

// Ants is a pool of ants with one worker.
type Ants struct{}

// Name implements [Subject].
func (Ants) Name() string { return "ants" }

// Module implements [Library].
func (Ants) Module() string { return "github.com/panjf2000/ants/v2" }

// New implements [Subject].
func (Ants) New() Object {
	p, err := ants.NewPool(1)
	if err != nil {
		panic(err) // a pool of one without options is valid
	}
	return &tasks{pool: antsPool{p}}
}

// Lacks implements [Subject].
func (Ants) Lacks() Reasons { return blocking() }

type antsPool struct{ p *ants.Pool }

func (p antsPool) submit(task func()) {
	if err := p.p.Submit(task); err != nil {
		panic(err) // the pool waits for room, and is not released before all is done
	}
}

func (p antsPool) stop() { p.p.Release() }
