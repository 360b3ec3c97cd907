package subject

import "github.com/gammazero/workerpool"

// WorkerPool is a workerpool with one worker.
type WorkerPool struct{}

// Name implements [Subject].
func (WorkerPool) Name() string { return "workerpool" }

// Module implements [Library].
func (WorkerPool) Module() string { return "github.com/gammazero/workerpool" }

// New implements [Subject].
func (WorkerPool) New() Object { return &tasks{pool: workers{workerpool.New(1)}} }

// Lacks implements [Subject].
func (WorkerPool) Lacks() Reasons { return pooled() }

type workers struct{ p *workerpool.WorkerPool }

// submit cannot fail: the pool is stopped when all is done.
func (w workers) submit(task func()) { _ = w.p.Do(task) }
func (w workers) call(task func())   { _ = w.p.DoWait(task) }
func (w workers) stop()              { w.p.StopWait() }
