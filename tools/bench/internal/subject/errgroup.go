package subject

import "golang.org/x/sync/errgroup"

// ErrGroup is an errgroup with a limit of one.
type ErrGroup struct{}

// Name implements [Subject].
func (ErrGroup) Name() string { return "errgroup" }

// Module implements [Library].
func (ErrGroup) Module() string { return xSync }

// New implements [Subject].
func (ErrGroup) New() Object {
	g := new(errgroup.Group)
	g.SetLimit(1)
	return &tasks{pool: errGroup{g}}
}

// Lacks implements [Subject].
func (ErrGroup) Lacks() Reasons { return blocking() }

type errGroup struct{ g *errgroup.Group }

func (p errGroup) submit(task func()) {
	p.g.Go(func() error {
		task()
		return nil
	})
}

func (p errGroup) stop() { _ = p.g.Wait() } // no task returns an error
