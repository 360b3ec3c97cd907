package workload

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/go-desync/go-desync/tools/bench/internal/measure"
	"github.com/go-desync/go-desync/tools/bench/internal/subject"
)

// All returns the workloads in the order in which they are to run.
func All() []Workload {
	const (
		actor, mutex, goroutine = subject.ActorName, subject.MutexName, subject.GoroutineName
		leastQueue              = subject.LeastQueueName
	)
	against := func(peer string, most float64) goals { return goals{peer: {most: most}} }
	return []Workload{
		idle(),
		uncontendedDo(),
		uncontendedSync(),
		async(1, goals{actor: {most: 0.5}, mutex: {most: 1.5}}),
		async(2, goals{actor: {most: 0.5}, mutex: {most: 1.5}}),
		async(8, goals{actor: {most: 0.6}}),
		// For 8,000 waiting, see the rows above.
		waiting(100, 1, against(actor, 0.6)),
		waiting(100, 2, against(actor, 0.6)),
		waiting(100, 8, against(actor, 0.6)),
		waiting(100_000, 1, against(actor, 0.6)),
		waiting(100_000, 2, against(actor, 0.6)),
		waiting(100_000, 8, against(actor, 0.6)),
		waiting(1_000_000, 1, against(actor, 0.6)),
		waiting(1_000_000, 2, against(actor, 0.6)),
		waiting(1_000_000, 8, against(actor, 0.6)),
		asyncClosures(),
		asyncBeside(),
		roundTrip(),
		contendedDo(2, against(mutex, 1.3)),
		contendedDo(8, against(mutex, 1)),
		contendedDo(64, against(mutex, 1)),
		contendedDo(1000, against(mutex, 1)),
		contendedSync(2, against(mutex, 1.3)),
		contendedSync(8, against(mutex, 1)),
		contendedSync(64, against(mutex, 1)),
		contendedSync(1000, against(mutex, 1)),
		contendedWork(2, against(mutex, 1.1)),
		contendedWork(8, against(mutex, 1.1)),
		contendedWork(64, against(mutex, 1.1)),
		contendedWork(1000, against(mutex, 1.3)),
		contendedContext(2, against(mutexAndAllocation, 3)),
		contendedContext(8, against(mutexAndAllocation, 3)),
		contendedContext(64, against(mutexAndAllocation, 3)),
		contendedContext(1000, against(mutexAndAllocation, 3)),
		crowd{most: 1},
		await(),
		fanOut(10, bursts, nil),
		fanOut(100, bursts, nil),
		fanOut(1_000, bursts, nil),
		fanOut(10_000, bursts, nil),
		fanOut(100_000, bursts, goals{goroutine: {most: 0.1}}),
		fanOut(10, roundRobin, nil),
		fanOut(100, roundRobin, nil),
		fanOut(1_000, roundRobin, goals{goroutine: {0.4, leastQueue}}),
		fanOut(10_000, roundRobin, goals{goroutine: {0.6, leastQueue}}),
		fanOut(100_000, roundRobin, goals{goroutine: {0.8, leastQueue}}),
		cores{},
		fairness{},
		newcomer{},
		kept(),
		canceled(),
		keyed("1 µs of work", spin, goals{plainObjects: {most: 1.25}}),
		keyed("no work", func(x uint64) uint64 { return x }, goals{plainObjects: {most: 2.5}}),
		keyStep(),
		keyRound(),
		zipf(),
		perKey(),
		mostlyRead(),
		publishedRead(),
		seldomWritten(),
		doContext(),
		doCancelable(),
		optionsDo(),
		observedDo(1, against(nopObserver, 1.4)),
		observedDo(8, against(nopObserver, 2)),
		observedBackground(against(nopObserver, 1.4)),
		observedWorking(10, against("no observer", 1.1)),
		measured{most: 0.2},
		sync2(),
		stage(),
		admission(),
		limited(),
		perTimer(1.4),
		timersFire(1.2),
	}
}

// Child is the work of a process that measures a Task: it reads the task and writes
// the figures.
func Child(ctx context.Context, own subject.Subject, peers []subject.Subject, in io.Reader, out io.Writer) error {
	var t measure.Task
	if err := json.NewDecoder(in).Decode(&t); err != nil {
		return fmt.Errorf("this is for the program itself to call: what is to be measured could not be read: %w", err)
	}
	for _, w := range All() {
		if p, ok := w.(part); ok && w.Name() == t.Workload {
			series, err := p.here(ctx, append([]subject.Subject{own}, peers...), t)
			if err != nil {
				return err
			}
			return json.NewEncoder(out).Encode(series)
		}
	}
	return fmt.Errorf("no workload with processes of its own is called %q", t.Workload)
}
