package conformance

import (
	"context"
	"runtime"
	"time"

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
				{name: "living-context", needs: []Feature{FeatureCancel}, run: livingContext},
				{name: "queue", run: queueMemory},
			},
		},
	}
}

// idleObjects uses many objects and keeps them: none may own a goroutine then.
func idleObjects(t *trial) {
	n := t.objectsAtPace(200, 5, 8)
	t.tried("idle objects", n)
	if t.remote != nil {
		t.idlePeer(n)
		return
	}
	look := t.lookForLeaks()
	objects := make([]Object, n)
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

// again is how often a case that looks for what is kept does the same, on an object of
// its own each time.
const again = 3

func lastJob(t *trial) {
	for _, way := range []string{"Async", "Do", "Future"} {
		if way == "Future" && !t.has(FeatureFuture) {
			continue
		}
		p := newProbe()
		var objects []Object
		for range again {
			o := t.object()
			objects = append(objects, o)
			t.expect("%s returns, and its job runs", way)
			handOver(t, o, way, p)
		}
		t.collected(p, "the object does not keep a job that has ended (handed over by "+way+")", objects...)
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
	p, n := newProbe(), t.jobs(600*again, 60*again)/again
	t.tried("queued jobs", n)
	var objects []Object
	for range again {
		o := t.object()
		objects = append(objects, o)
		t.whileHeld(o, func() { burst(o, p, n) })
		t.fence(o)
	}
	t.collected(p, "the object does not keep a job from the middle of a queue that is empty now", objects...)
}

//go:noinline
func burst(o Object, p *probe, n int) {
	for range n / 2 {
		o.Async(func(*State) {})
	}
	big := p.payload()
	o.Async(func(*State) { big.use() })
	for range n / 2 {
		o.Async(func(*State) {})
	}
}

// queueMemory measures what a long queue leaves behind, on one object after the other. Only
// what grows with each of them belongs to the objects: the runtime keeps the records
// of goroutines, and pools keep what they may need again.
func queueMemory(t *trial) {
	jobs := t.jobs(100_000, 50_000)
	t.tried("queued jobs", jobs)
	most := 2 * int64(jobs)
	var objects []Object
	var grown int64
	// The runtime keeps what it needs for as many goroutines as there were at once. That
	// number may be the highest so far a few times, and not again and again.
	const warm, judged = 1, 5
	for n := range warm + judged {
		o := t.object()
		objects = append(objects, o)
		t.fence(o)
		before := heap()
		t.fill(o, func() {
			for range jobs {
				o.Async(func(s *State) { s.runs++ })
			}
		})
		t.fence(o)
		for range 100 {
			o.Async(func(*State) {})
			t.fence(o)
		}
		grown = heap() - before
		for look := 0; grown > most && look < 5; look++ { // for what is reachable for a moment
			time.Sleep(10 * time.Millisecond)
			grown = min(grown, heap()-before)
		}
		if n >= warm && grown <= most {
			break
		}
		if n == warm+judged-1 {
			t.fail("the memory of a long queue goes back when it is empty", "after %d jobs on each of %d objects, one after the other, the heap is %d bytes larger than before, with the objects idle; at most %d are tolerated", jobs, len(objects), grown, most)
		}
	}
	runtime.KeepAlive(objects)
}

func heap() int64 {
	for range 3 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// livingContext looks at the jobs of calls whose context goes on.
func livingContext(t *trial) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ways := []func(Object, context.Context, func(*State)) error{doWay}
	if t.has(FeatureCancelFuture) {
		ways = append(ways, futureWay)
	}
	for _, way := range ways {
		p := newProbe()
		var objects []Object
		for range again {
			o := t.object()
			objects = append(objects, o)
			t.expect("a call with a context returns, and its job runs")
			handOverWith(o, way, ctx, p)
			t.fence(o)
		}
		t.collected(p, "the object does not keep a job that has ended as long as its context lives", objects...)
	}
}

//go:noinline
func handOverWith(o Object, way func(Object, context.Context, func(*State)) error, ctx context.Context, p *probe) {
	big := p.payload()
	_ = way(o, ctx, func(*State) { big.use() })
}
