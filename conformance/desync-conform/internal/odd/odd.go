// Package odd has implementations of the contract that are correct and unusual: slow
// ones, lazy ones, ones that pass everything over a pipe. Whatever the suite says
// against one of them is a false alarm.
//
// Most are a line, which gives one place after the other the turn, with the same few
// methods around it (object.go). Each is as short as it can be, and claims what it has.
package odd

import (
	"slices"
	"time"

	"github.com/go-desync/go-desync/conformance"
)

// A Subject is one of the implementations.
type Subject struct {
	Name    string
	About   string
	Factory conformance.Factory
}

// All returns all of them.
func All() []Subject {
	return slices.Concat(lines(), hosts(), others())
}

// lines are the objects that differ in how places are kept.
func lines() []Subject {
	return []Subject{
		made("treiber", "a lock-free stack, turned round when it is taken", func() line { return count(new(treiber)) }),
		made("michael-scott", "a lock-free list with a head and a tail", func() line { return count(newMichaelScott()) }),
		made("two-locks", "a list with a lock for each end", func() line { return count(newTwoLocks()) }),
		made("copy-on-write", "two lists that nobody changes: each place makes new ones", func() line { return count(new(copyOnWrite)) }),
		made("free-list", "a list whose links are used again", func() line { return count(new(freeList)) }),
		made("channels", "a channel of channels, each the next part of the queue", func() line { return count(newChannels()) }),
		made("cond", "a queue whose consumer waits for a sync.Cond", func() line { return count(newCond()) }),
		made("sharded", "tickets, kept in 8 maps", func() line { return count(newSharded()) }),
		made("heap", "tickets, kept in a heap", func() line { return count(new(ticketHeap)) }),
		made("skip-list", "tickets, kept in a skip list", func() line { return count(newSkipList()) }),
		made("batches", "the queue is taken whole and worked off", func() line { return new(batches) }),
		made("polled", "a goroutine looks every 10 ms whether a turn can be given", func() line { return new(polled) }),
		made("slow", "each turn comes 1 to 5 ms late", func() line { return slow{count(new(treiber))} }),
		made("chain", "a goroutine for each place, which waits for the one before", func() line { return new(chain) }),
		made("pipe", "all calls go through one io.Pipe", (&server{connect: pipe}).line),
		made("socket", "all calls go through one pair of unix sockets", (&server{connect: socket}).line),
	}
}

// hosts are the objects that differ in which goroutine runs a background job.
func hosts() []Subject {
	bounded := conformance.Unsupported("the workers are fewer than the objects may be")
	global, each, four := newPool(), newPerCPU(), newStealing(4)
	return []Subject{
		hosted("linger", "a worker stays for 20 ms after its last job", linger),
		hosted("global-worker", "one worker runs the background jobs of all objects", func() func(func()) { return global.start }).
			without(conformance.FeatureParallel, bounded),
		hosted("worker-per-cpu", "a worker for each processor, and each object has one of them", each.next).
			without(conformance.FeatureParallel, bounded),
		hosted("stealing", "four workers take jobs from each other", func() func(func()) { return four.start }).
			without(conformance.FeatureParallel, bounded),
	}
}

// others are the objects that are no line, or are made in another way.
func others() []Subject {
	onAnother := conformance.Unsupported("the job of a Do may run on the goroutine of another call")
	noGoexit := conformance.Unsupported("it would end the goroutine of another call")
	slowly := made("slow-constructor", "New takes 2 ms", func() line { return count(new(treiber)) })
	quick := slowly.Factory.New
	slowly.Factory.New = func(s conformance.Setup) (conformance.Object, error) {
		time.Sleep(2 * time.Millisecond)
		return quick(s)
	}
	return []Subject{
		slowly,
		plainly("combining", "whoever runs a job runs those of other calls too", func() conformance.Object { return new(combining) }).
			without(conformance.FeatureCaller, onAnother).without(conformance.FeatureGoexit, noGoexit),
		plainly("helping", "a Do runs the background jobs that are queued before it", func() conformance.Object { return new(helping) }).
			without(conformance.FeatureGoexit, noGoexit),
	}
}

func made(name, about string, newLine func() line) Subject {
	return withFutures(plainly(name, about, func() conformance.Object { return &object{line: newLine(), start: fresh} }))
}

func hosted(name, about string, newStart func() func(func())) Subject {
	return withFutures(plainly(name, about, func() conformance.Object { return &object{line: count(new(treiber)), start: newStart()} }))
}

// here stands in front of the names of this package in a stack trace.
const here = "github.com/go-desync/go-desync/conformance/desync-conform/internal/odd."

// plainly is a subject that has Async and Do.
func plainly(name, about string, newObject func() conformance.Object) Subject {
	return Subject{name, about, conformance.Factory{
		Info:       conformance.Implementation{Name: "odd: " + name},
		Features:   map[conformance.Feature]conformance.Claim{},
		LeakIgnore: []string{here + "(*pool).work", here + "(*stealing).work", here + "(*server).serve"},
		New:        func(conformance.Setup) (conformance.Object, error) { return newObject(), nil },
	}}
}

// withFutures is the subject with claims for what object has beside Async and Do.
func withFutures(s Subject) Subject {
	for _, f := range []conformance.Feature{conformance.FeatureFuture, conformance.FeatureAfter, conformance.FeatureSuspend} {
		s.Factory.Features[f] = conformance.Supported()
	}
	return s
}

// without is the subject that disclaims a feature.
func (s Subject) without(f conformance.Feature, c conformance.Claim) Subject {
	s.Factory.Features[f] = c
	return s
}
