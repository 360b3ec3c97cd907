package subject

import (
	"context"

	"github.com/panjf2000/ants/v2"

	"github.com/go-desync/go-desync/conformance"
)

func antsPool() Subject {
	const (
		module  = "github.com/panjf2000/ants/v2"
		blocks  = "“you will get blocked with the last Pool.Submit() call once the current Pool runs out of its capacity”"
		handled = "“Handle panic gracefully to prevent programs from crash”"
	)
	return Subject{
		Name: "ants",
		Factory: conformance.Factory{
			Info: conformance.Implementation{Name: "ants, pool of one", Version: version(module), URL: "https://" + module},
			New: func(conformance.Setup) (conformance.Object, error) {
				pool, err := ants.NewPool(1)
				return &antsObject{pool: pool}, err
			},
			Features: map[conformance.Feature]conformance.Claim{
				conformance.FeaturePanicHandler: conformance.Supported(),
				conformance.FeatureClose:        conformance.Supported(),
				conformance.FeatureUnbounded:    conformance.Unsupported("“fixed capacity”"),
				conformance.FeatureCaller:       conformance.Unsupported("“recycling a massive number of goroutines”: a task runs on one of them"),
				conformance.FeaturePanics:       conformance.Unsupported(handled),
				conformance.FeatureCrash:        conformance.Unsupported(handled),
				conformance.FeatureIdle:         conformance.Unsupported("“Purging overdue goroutines periodically”: they stay for a while"),
			},
			// Those of the pool that the package makes for itself.
			LeakIgnore: []string{
				"github.com/panjf2000/ants/v2.(*poolCommon).purgeStaleWorkers",
				"github.com/panjf2000/ants/v2.(*poolCommon).ticktock",
			},
		},
		Notes: map[string]string{"NST-2": blocks},
	}
}

type antsObject struct {
	pool  *ants.Pool
	state conformance.State
}

func (o *antsObject) Async(job func(*conformance.State)) { o.Submit(job) }

func (o *antsObject) Do(job func(*conformance.State)) {
	wait(func(task func()) { _ = o.pool.Submit(task) }, func() { job(&o.state) })
}

func (o *antsObject) OnPanic(handler func(any)) {
	o.pool.Release()
	o.pool, _ = ants.NewPool(1, ants.WithPanicHandler(handler)) // such options are always valid
}

func (o *antsObject) Submit(job func(*conformance.State)) bool {
	return o.pool.Submit(func() { job(&o.state) }) == nil
}

func (o *antsObject) Close() { _ = o.pool.ReleaseContext(context.Background()) }
