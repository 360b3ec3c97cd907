package subject

import (
	"context"
	"fmt"

	"github.com/go-desync/go-desync/conformance"
	"github.com/go-desync/go-desync/desync"
)

func desyncObject() Subject {
	return Subject{
		Name:    "desync",
		Correct: true,
		Factory: conformance.Factory{
			Info: conformance.Implementation{Name: "desync", URL: "https://github.com/go-desync/go-desync"},
			New: func(conformance.Setup) (conformance.Object, error) {
				return &object{desync.New(conformance.State{})}, nil
			},
			NewKeyed: newKeyed,
			Features: map[conformance.Feature]conformance.Claim{
				conformance.FeatureFuture:       conformance.Supported(),
				conformance.FeatureCancel:       conformance.Supported(),
				conformance.FeatureCancelFuture: conformance.Supported(),
				conformance.FeatureTry:          conformance.Supported(),
				conformance.FeatureAfter:        conformance.Supported(),
				conformance.FeatureSuspend:      conformance.Supported(),
				conformance.FeatureSeveral:      conformance.Supported(),
				conformance.FeaturePanicHandler: conformance.Supported(),
				conformance.FeatureKeys:         conformance.Supported(),
				conformance.FeatureKeysEvict:    conformance.Supported(),
				conformance.FeatureKeysDeleteIf: conformance.Supported(),
				conformance.FeatureKeysPresent:  conformance.Supported(),
				conformance.FeatureClose:        conformance.Unsupported("“there is nothing to close”"),
			},
		},
	}
}

// object is a Desync with the methods that the suite knows.
type object struct {
	d *desync.Desync[conformance.State]
}

func (o *object) Async(job func(*conformance.State)) { o.d.Async(job) }

func (o *object) Do(job func(*conformance.State)) { o.d.Do(job) }

func (o *object) TryDo(job func(*conformance.State)) bool { return o.d.TryDo(job) }

func (o *object) Suspend() (resume func()) { return o.d.Suspend() }

func (o *object) Future(job func(*conformance.State) int) conformance.Wait {
	return o.d.Future(job).Await
}

func (o *object) DoContext(ctx context.Context, job func(*conformance.State)) error {
	return o.d.DoContext(ctx, func(_ context.Context, s *conformance.State) error {
		job(s)
		return nil
	})
}

func (o *object) FutureContext(ctx context.Context, job func(*conformance.State) int) conformance.Wait {
	return o.d.FutureContext(ctx, func(_ context.Context, s *conformance.State) (int, error) {
		return job(s), nil
	}).Await
}

// After waits for a value of another object, one that is suspended until the value
// is there.
func (o *object) After(job func(*conformance.State, int, error) int) (settle func(int, error), wait conformance.Wait) {
	type outcome struct {
		v   int
		err error
	}
	source := desync.New(outcome{})
	var come outcome
	resume := source.Suspend()
	value := source.FutureContext(context.Background(), func(context.Context, *outcome) (int, error) {
		return come.v, come.err
	})
	settle = func(v int, err error) {
		come = outcome{v, err}
		resume()
	}
	return settle, o.d.After(value, job).Await
}

func (o *object) DoAll(others []conformance.Object, job func([]*conformance.State)) {
	all := []*desync.Desync[conformance.State]{o.d}
	for _, other := range others {
		all = append(all, other.(*object).d)
	}
	desync.DoAll(all, job)
}

func (o *object) OnPanic(handler func(any)) {
	o.d = desync.New(conformance.State{}, desync.WithPanicHandler(func(err *desync.PanicError) {
		handler(err.Value)
	}))
}

func (o *object) String() string { return fmt.Sprintf("%d jobs pending", o.d.Pending()) }
