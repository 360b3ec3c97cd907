package subject

import (
	"sync"

	"github.com/go-desync/go-desync/conformance"
)

// goroutinePerJob lets the jobs queue at a mutex.
func goroutinePerJob() Subject {
	return Subject{
		Name:    "goroutine",
		Isolate: true, // the runtime keeps the memory of goroutines that have ended, for later cases too
		Chance:  true, // the order in which goroutines reach the mutex
		Factory: conformance.Factory{
			Info: conformance.Implementation{Name: "a goroutine per job, and a mutex"},
			New:  func(conformance.Setup) (conformance.Object, error) { return new(goroutineObject), nil },
		},
	}
}

type goroutineObject struct {
	mu    sync.Mutex
	state conformance.State
}

func (o *goroutineObject) Async(job func(*conformance.State)) { go o.Do(job) }

func (o *goroutineObject) Do(job func(*conformance.State)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	job(&o.state)
}
