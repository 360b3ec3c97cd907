package subject

import (
	"github.com/gammazero/workerpool"

	"github.com/go-desync/go-desync/conformance"
)

func workerPool() Subject {
	const module = "github.com/gammazero/workerpool"
	return Subject{
		Name: "workerpool",
		Factory: conformance.Factory{
			Info: conformance.Implementation{Name: "workerpool, one worker", Version: version(module), URL: "https://" + module},
			New: func(conformance.Setup) (conformance.Object, error) {
				return &workerObject{pool: workerpool.New(1)}, nil
			},
			Features: map[conformance.Feature]conformance.Claim{
				conformance.FeatureClose:  conformance.Supported(),
				conformance.FeatureCaller: conformance.Unsupported("“dispatch them to worker goroutines”"),
				conformance.FeaturePanics: conformance.Unsupported("“A task that panics crashes the program, as with any goroutine.”"),
				conformance.FeatureGoexit: conformance.Unsupported("the documentation does not speak of runtime.Goexit, which takes the worker away"),
				conformance.FeatureIdle:   conformance.Unsupported("“starts at least one goroutine, for the dispatcher”"),
			},
		},
	}
}

type workerObject struct {
	pool  *workerpool.WorkerPool
	state conformance.State
}

func (o *workerObject) Async(job func(*conformance.State)) { o.Submit(job) }

func (o *workerObject) Do(job func(*conformance.State)) {
	_ = o.pool.DoWait(func() { job(&o.state) })
}

func (o *workerObject) Submit(job func(*conformance.State)) bool {
	return o.pool.Do(func() { job(&o.state) }) == nil
}

func (o *workerObject) Close() { o.pool.StopWait() }
