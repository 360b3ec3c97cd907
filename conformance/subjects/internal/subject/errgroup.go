package subject

import (
	"golang.org/x/sync/errgroup"

	"github.com/go-desync/go-desync/conformance"
)

func errGroup() Subject {
	const (
		module = "golang.org/x/sync"
		blocks = "“It blocks until the new goroutine can be added without … exceeding the configured limit.”"
	)
	return Subject{
		Name: "errgroup",
		Factory: conformance.Factory{
			Info: conformance.Implementation{Name: "errgroup, SetLimit(1)", Version: version(module), URL: "https://pkg.go.dev/" + module + "/errgroup"},
			New: func(conformance.Setup) (conformance.Object, error) {
				o := new(groupObject)
				o.group.SetLimit(1)
				return o, nil
			},
			Features: map[conformance.Feature]conformance.Claim{
				conformance.FeatureUnbounded: conformance.Unsupported(blocks),
				conformance.FeatureCaller:    conformance.Unsupported("“Go calls the given function in a new goroutine.”"),
				conformance.FeaturePanics:    conformance.Unsupported("the documentation says nothing of panics, and one ends the process"),
			},
		},
		Notes: map[string]string{"NST-2": blocks},
	}
}

type groupObject struct {
	group errgroup.Group
	state conformance.State
}

func (o *groupObject) Async(job func(*conformance.State)) {
	o.group.Go(func() error { job(&o.state); return nil })
}

func (o *groupObject) Do(job func(*conformance.State)) {
	wait(func(task func()) { o.group.Go(func() error { task(); return nil }) }, func() { job(&o.state) })
}
