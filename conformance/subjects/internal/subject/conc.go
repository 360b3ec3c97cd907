package subject

import (
	"github.com/sourcegraph/conc/pool"

	"github.com/go-desync/go-desync/conformance"
)

func concPool() Subject {
	const (
		module = "github.com/sourcegraph/conc"
		blocks = "“If all goroutines in the pool are busy, a call to Go() will block”"
		panics = "“any call to Wait() will panic if any of the spawned goroutines panicked”"
	)
	return Subject{
		Name: "conc",
		Factory: conformance.Factory{
			Info: conformance.Implementation{Name: "conc, pool of one", Version: version(module), URL: "https://" + module},
			New: func(conformance.Setup) (conformance.Object, error) {
				return &concObject{pool: pool.New().WithMaxGoroutines(1)}, nil
			},
			Features: map[conformance.Feature]conformance.Claim{
				conformance.FeatureUnbounded: conformance.Unsupported(blocks),
				conformance.FeatureCaller:    conformance.Unsupported("“Pool is a pool of goroutines used to execute tasks”"),
				conformance.FeaturePanics:    conformance.Unsupported(panics),
				conformance.FeatureCrash:     conformance.Unsupported(panics),
				conformance.FeatureIdle:      conformance.Unsupported("“you must call Wait() to clean up any spawned goroutines”"),
				conformance.FeatureClose:     conformance.Unsupported("“Once all your tasks have been submitted, you must call Wait()”"),
			},
		},
		Notes: map[string]string{"NST-2": blocks},
	}
}

type concObject struct {
	pool  *pool.Pool
	state conformance.State
}

func (o *concObject) Async(job func(*conformance.State)) {
	o.pool.Go(func() { job(&o.state) })
}

func (o *concObject) Do(job func(*conformance.State)) {
	wait(o.pool.Go, func() { job(&o.state) })
}
