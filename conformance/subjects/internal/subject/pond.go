package subject

import (
	"context"

	"github.com/alitto/pond/v2"

	"github.com/go-desync/go-desync/conformance"
)

func pondPool() Subject {
	const (
		module    = "github.com/alitto/pond/v2"
		recovered = "“panics are captured and returned as errors”"
	)
	return Subject{
		Name: "pond",
		Factory: conformance.Factory{
			Info: conformance.Implementation{Name: "pond, one worker", Version: version(module), URL: "https://" + module},
			New: func(conformance.Setup) (conformance.Object, error) {
				return &pondObject{pool: pond.NewPool(1)}, nil
			},
			Features: map[conformance.Feature]conformance.Claim{
				conformance.FeatureFuture: conformance.Supported(),
				conformance.FeatureClose:  conformance.Supported(),
				conformance.FeatureCaller: conformance.Unsupported("“Create pools of goroutines”: a task runs on one of them"),
				conformance.FeaturePanics: conformance.Unsupported(recovered),
				conformance.FeatureCrash:  conformance.Unsupported(recovered),
				conformance.FeatureGoexit: conformance.Unsupported("the documentation does not speak of runtime.Goexit, after which a Task is never done"),
			},
		},
		Skips: map[string]string{
			"LEAK-2/queue": "the documentation does not say that the memory of a long queue goes back, and some does not",
		},
	}
}

type pondObject struct {
	pool  pond.Pool
	state conformance.State
}

func (o *pondObject) Async(job func(*conformance.State)) { o.Submit(job) }

func (o *pondObject) Do(job func(*conformance.State)) {
	_ = o.pool.Submit(func() { job(&o.state) }).Wait()
}

func (o *pondObject) Future(job func(*conformance.State) int) conformance.Wait {
	var result int
	task := o.pool.Submit(func() { result = job(&o.state) })
	return func(ctx context.Context) (int, error) {
		select {
		case <-task.Done():
			if err := task.Wait(); err != nil {
				return 0, err
			}
			return result, nil
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

func (o *pondObject) Submit(job func(*conformance.State)) bool {
	return o.pool.Go(func() { job(&o.state) }) == nil
}

func (o *pondObject) Close() { o.pool.StopAndWait() }
