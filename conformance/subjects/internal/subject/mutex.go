package subject

import (
	"sync"

	"github.com/go-desync/go-desync/conformance"
)

// mutexInline has no queue: what others hand over it runs at once.
func mutexInline() Subject {
	return Subject{
		Name: "mutex",
		Factory: conformance.Factory{
			Info: conformance.Implementation{Name: "a mutex, jobs run inline"},
			New:  func(conformance.Setup) (conformance.Object, error) { return new(mutexObject), nil },
		},
	}
}

type mutexObject struct {
	mu    sync.Mutex
	state conformance.State
}

func (o *mutexObject) Async(job func(*conformance.State)) { o.Do(job) }

func (o *mutexObject) Do(job func(*conformance.State)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	job(&o.state)
}
