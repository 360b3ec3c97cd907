package subject

import "github.com/sourcegraph/conc/pool"

// Conc is a pool of conc with one goroutine.
type Conc struct{}

// Name implements [Subject].
func (Conc) Name() string { return "conc" }

// Module implements [Library].
func (Conc) Module() string { return "github.com/sourcegraph/conc" }

// New implements [Subject].
func (Conc) New() Object {
	return &tasks{pool: concPool{pool.New().WithMaxGoroutines(1)}}
}

// Lacks implements [Subject].
func (Conc) Lacks() Reasons { return blocking() }

type concPool struct{ p *pool.Pool }

func (p concPool) submit(task func()) { p.p.Go(task) }
func (p concPool) stop()              { p.p.Wait() }
