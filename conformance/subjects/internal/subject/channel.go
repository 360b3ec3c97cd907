package subject

import (
	"sync"

	"github.com/go-desync/go-desync/conformance"
)

// channelActor is a goroutine that owns the data and takes jobs from a channel.
func channelActor() Subject {
	return Subject{
		Name:    "channel",
		Isolate: true, // a panic in a job ends the process
		Factory: conformance.Factory{
			Info: conformance.Implementation{Name: "a channel actor, capacity 1,024"},
			New: func(conformance.Setup) (conformance.Object, error) {
				o := &channelObject{jobs: make(chan func(*conformance.State), 1024), done: make(chan struct{})}
				go o.loop()
				return o, nil
			},
			Features: map[conformance.Feature]conformance.Claim{
				conformance.FeatureClose: conformance.Supported(),
			},
		},
	}
}

type channelObject struct {
	jobs chan func(*conformance.State)
	done chan struct{} // closed at the end of loop

	mu     sync.RWMutex // held for reading while sending
	closed bool
}

func (o *channelObject) loop() {
	defer close(o.done)
	var state conformance.State
	for job := range o.jobs {
		job(&state)
	}
}

func (o *channelObject) Async(job func(*conformance.State)) { o.Submit(job) }

func (o *channelObject) Do(job func(*conformance.State)) {
	done := make(chan struct{})
	o.Submit(func(s *conformance.State) {
		defer close(done)
		job(s)
	})
	<-done
}

func (o *channelObject) Submit(job func(*conformance.State)) (accepted bool) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	if o.closed {
		return false
	}
	o.jobs <- job
	return true
}

func (o *channelObject) Close() {
	o.mu.Lock()
	if !o.closed {
		o.closed = true
		close(o.jobs)
	}
	o.mu.Unlock()
	<-o.done
}
