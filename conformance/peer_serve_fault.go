package conformance

import (
	"slices"
	"sync"
)

// faults are those of the self-test, by which the driver sees whether a peer's recorder
// shows what happens. With none, the queue is right.
var faults = []string{"none", "lifo", "overlap", "lost", "twice", "early"}

func faulty(name string) bool { return slices.Contains(faults, name) }

// A faultQueue is the queue of the self-test: a thread that takes jobs from a list.
type faultQueue struct {
	fault string
	state State
	mu    sync.Mutex
	more  *sync.Cond
	jobs  []func(*State)
	n     int // jobs that have been taken
}

func faultFactory(fault string) Factory {
	return Factory{
		Info:     Implementation{Name: "self-test: " + fault},
		Features: map[Feature]Claim{FeatureIdle: Unsupported("it has a thread"), FeatureCaller: Unsupported("jobs run on its thread")},
		New: func(Setup) (Object, error) {
			q := &faultQueue{fault: fault}
			q.more = sync.NewCond(&q.mu)
			go q.work()
			return q, nil
		},
	}
}

func (q *faultQueue) work() {
	q.mu.Lock()
	for {
		for len(q.jobs) == 0 {
			q.more.Wait()
		}
		i := 0
		if q.fault == "lifo" {
			i = len(q.jobs) - 1
		}
		job := q.jobs[i]
		q.jobs = slices.Delete(q.jobs, i, i+1)
		q.n++
		third := q.n%3 == 0
		q.mu.Unlock()
		switch {
		case q.fault == "lost" && third:
		case q.fault == "overlap":
			go job(&q.state)
		case q.fault == "twice" && third:
			job(&q.state)
			job(&q.state)
		default:
			job(&q.state)
		}
		q.mu.Lock()
	}
}

func (q *faultQueue) Async(job func(*State)) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.jobs = append(q.jobs, job)
	q.more.Signal()
}

// Do waits for its job, forever if the queue loses it.
func (q *faultQueue) Do(job func(*State)) {
	done := make(chan struct{})
	var once sync.Once
	q.Async(func(s *State) {
		if q.fault == "early" {
			once.Do(func() { close(done) })
		}
		job(s)
		once.Do(func() { close(done) })
	})
	<-done
}
