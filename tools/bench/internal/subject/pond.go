package subject

import "github.com/alitto/pond/v2"

// Pond is a pool of pond with one worker.
type Pond struct{}

// Name implements [Subject].
func (Pond) Name() string { return "pond" }

// Module implements [Library].
func (Pond) Module() string { return "github.com/alitto/pond/v2" }

// New implements [Subject].
func (Pond) New() Object {
	p := pond.NewPool(1)
	return &pondObject{tasks{pool: pondPool{p}}, p}
}

// Lacks implements [Subject].
func (Pond) Lacks() Reasons {
	return Reasons{Cancel: "a task that was submitted is run, unless the whole pool is stopped"}
}

type pondPool struct{ p pond.Pool }

// submit cannot fail: the pool has no bound and is stopped when all is done.
func (p pondPool) submit(task func()) { _ = p.p.Go(task) }
func (p pondPool) call(task func())   { _ = p.p.Submit(task).Wait() }
func (p pondPool) stop()              { p.p.StopAndWait() }

type pondObject struct {
	tasks
	p pond.Pool
}

// Await uses a task as the future: the pool's own futures need a pool for each type of
// result.
func (o *pondObject) Await(n int) (right int) {
	for i := range n {
		last := -1
		later := o.p.Submit(func() {
			o.s.Ran++
			o.s.Last = i
			last = o.s.Last
		})
		if later.Wait() == nil && last == i {
			right++
		}
	}
	return right
}
