package conformance

import (
	"context"
	"runtime"

	"github.com/go-desync/go-desync/conformance/internal/standstill"
)

// leakRules are about what is left over.
func leakRules() []checkedRule {
	return []checkedRule{
		{
			Rule: Rule{
				ID: "LEAK-1", Level: Must, Feature: FeatureIdle, Profile: LifecycleProfile, Method: Deterministic,
				Text:    "When nothing is queued and nothing runs, the object owns no goroutine. A closed one owns none.",
				Why:     "A program could not have many objects, or short-lived ones.",
				Mutants: []string{"goroutine-leak"},
			},
			cases: []testCase{
				{name: "idle-objects", run: idleObjects},
			},
		},
		{
			Rule: Rule{
				ID: "LEAK-2", Level: Must, Feature: FeatureIdle, Profile: LifecycleProfile, Method: Deterministic,
				Text:    "The object does not keep a finished job, nor the memory of a long queue once it is empty.",
				Why:     "Whatever the last jobs refer to would stay in memory.",
				Mutants: []string{"finished-job-kept", "queue-memory-kept"},
			},
			cases: []testCase{
				{name: "last-job", run: lastJob},
				{name: "burst", run: burstJobs},
				{name: "queue", run: queueMemory},
			},
		},
	}
}

// idleObjects uses many objects and keeps them: none may own a goroutine then.
func idleObjects(t *trial) {
	look := t.lookForLeaks()
	objects := make([]Object, 200)
	for i := range objects {
		o := t.object()
		objects[i] = o
		for range 3 {
			o.Async(func(*State) {})
		}
		if t.has(FeatureFuture) {
			o.(Futurer).Future(func(*State) int { return 0 })
		}
		if t.has(FeatureCancel) {
			t.expect("DoContext returns")
			ctx, cancel := context.WithCancel(context.Background())
			o.(Canceler).DoContext(ctx, func(*State) {})
			cancel()
			o.(Canceler).DoContext(ctx, func(*State) {})
		}
		t.fence(o)
	}
	// goleak does not count the goroutine that calls it, which is the case's own.
	if left := look(); len(left) > 0 {
		t.failAt(standstill.Show(left), "an object on which nothing is queued and nothing runs owns no goroutine", "with %d idle objects there are %d", len(objects), len(left))
	}
	runtime.KeepAlive(objects)
}

func lastJob(t *trial) {
	const rule = "the object does not keep a job that has ended"
	o := t.object()
	for _, way := range []string{"Async", "Do", "Future"} {
		if way == "Future" && !t.has(FeatureFuture) {
			continue
		}
		p := newProbe()
		t.expect("%s returns, and its job runs", way)
		handOver(t, o, way, p)
		t.collected(p, rule+" (handed over by "+way+")", o)
	}
}

// handOver hands over a job that refers to the payload, and returns when it has run.
//
//go:noinline
func handOver(t *trial, o Object, way string, p *probe) {
	big, ran := p.payload(), make(chan struct{})
	job := func(*State) { big.use(); close(ran) }
	switch way {
	case "Async":
		o.Async(job)
	case "Do":
		o.Do(job)
	case "Future":
		o.(Futurer).Future(func(s *State) int { job(s); return 0 })
	}
	select {
	case <-ran:
	case <-t.ctx.Done():
	}
}

// burstJobs looks at a job from the middle of a long queue.
func burstJobs(t *trial) {
	o, p := t.object(), newProbe()
	t.whileHeld(o, func() { burst(o, p) })
	t.fence(o)
	t.collected(p, "the object does not keep a job from the middle of a queue that is empty now", o)
}

//go:noinline
func burst(o Object, p *probe) {
	for range 300 {
		o.Async(func(*State) {})
	}
	big := p.payload()
	o.Async(func(*State) { big.use() })
	for range 300 {
		o.Async(func(*State) {})
	}
}

// queueMemory measures what a queue of 200,000 jobs leaves behind.
func queueMemory(t *trial) {
	const jobs, most = 200_000, 400_000
	o := t.object()
	t.fence(o)
	before := heap()
	t.whileHeld(o, func() {
		for range jobs {
			o.Async(func(s *State) { s.runs++ })
		}
	})
	t.fence(o)
	for range 100 {
		o.Async(func(*State) {})
		t.fence(o)
	}
	if grown := heap() - before; grown > most {
		t.fail("the memory of a long queue goes back when it is empty", "after %d jobs the heap is %d bytes larger than before, with the object idle; at most %d are tolerated", jobs, grown, most)
	}
	runtime.KeepAlive(o)
}

func heap() int64 {
	for range 3 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
