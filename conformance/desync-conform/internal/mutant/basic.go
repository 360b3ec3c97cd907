package mutant

import "github.com/go-desync/go-desync/conformance"

// basic are the mutants without a parameter, in the order of the rules. The rules that
// must find each name it; some are named by several.
func basic() []Mutant {
	var all []Mutant
	for _, m := range []struct {
		fault
		doc string
	}{
		{falseClaim, "the factory claims every feature, and the object has Async and Do"},
		{sameObject, "New returns one object, always the same"},

		{lifo, "the newest job runs first"},
		{randomPick, "any of the queued jobs runs next"},
		{mutexPerGoroutineJob, "each Async starts a goroutine that waits for a mutex"},
		{queuePerClient, "each calling goroutine has a queue of its own, and they are served in turns"},
		{syncBarging, "a Do that arrives between two jobs takes the turn of those that wait"},
		{newcomerOvertakesAsync, "calls that wait overtake each other although something else is queued behind the first"},
		{futuresSecondQueue, "the jobs of futures run when no others are queued"},
		{orderBrokenAfterGrowth, "the ring grows without moving what had wrapped around"},
		{ringWrapOffByOne, "the job that wraps around in the ring gets the place before its own"},

		{lostUnderContention, "an Async that meets another one is forgotten"},
		{lostWakeup, "a job that arrives while the worker goes to rest stays in the queue"},
		{lostWhenOvertaken, "a call that was woken and finds the object taken waits again, and nobody is woken any more"},
		{duplicateOnWake, "a job that arrives while the worker goes to rest is queued twice"},
		{duplicateOnGrowth, "the last job is there twice when the ring has grown"},
		{twoDrainers, "an Async on a busy object with an empty queue starts a second worker"},
		{syncUnlocked, "Do excludes other calls of Do, but not background jobs"},
		{handoffWithoutHB, "a waiting Do is told of its turn by a plain variable"},
		{resultRacy, "the result of a future is published by a plain variable"},

		{syncResultRacy, "the job of Do runs in the background, and a plain variable tells that it has"},

		{syncReturnsAtStart, "a Do that had to wait returns when its job starts"},
		{syncSkipsQueue, "Do waits for the job that runs, and goes in front of those that are queued"},
		{syncWaitsForLater, "Do returns when the object has become idle"},
		{syncOnWorker, "the job of Do runs in the background"},
		{syncStrandsOnPanic, "the caller of a Do whose job panics waits forever"},
		{syncStrandsOnGoexit, "a Do whose job calls runtime.Goexit keeps the turn"},
		{asyncInline, "Async runs the job before it returns"},
		{asyncBlocksAt1024, "Async waits while 1,024 jobs are queued"},
		{asyncDropsWhenFull, "Async forgets the job while 1,024 are queued"},

		{globalWorker, "one worker runs the background jobs of all objects, one at a time"},
		{fixedPool, "64 workers run the background jobs of all objects"},
		{globalLock, "a lock that all objects share is held while a job runs"},
		{ownAsyncInFront, "a job that calls Async on its own object is placed in front"},
		{hotObjectStarves, "an object with 1,000 jobs in a row keeps the others' background jobs away until it is idle"},
		{waiterStarves, "a call that waits may be overtaken any number of times"},
		{newestWaiterFirst, "of the calls that wait the newest gets the turn, if nothing else is queued"},

		{futureBeforeJob, "a future settles when its job starts"},
		{futureSettlesTwice, "a future settles with its value, and then with 0"},
		{discardCancels, "the job of a future that nobody holds any more does not run"},
		{givenUpCancels, "a wait that is given up cancels the job of the future"},

		{canceledJobRuns, "a call that is given up returns its error, and its job runs later"},
		{idleIgnoresContext, "a call with a context that has ended runs its job if the object is idle"},
		{ranReportedCanceled, "a call whose context ends while its job runs says that it has not run"},
		{cancelRemovesNeighbour, "a call that is given up takes the one behind it out of the queue too"},
		{canceledJobKept, "the object keeps the jobs of calls that were given up"},
		{canceledPlaceKept, "a call that is given up keeps its place until the turn comes to it"},
		{refusedTryWedges, "a refused Try leaves a place in the queue, at which the object stops"},
		{turnPassedLate, "Do returns while another goroutine has yet to note that the object is idle"},

		{afterRunsEarly, "an After job runs in its place although its value has not come"},
		{suspendIgnored, "Suspend does nothing"},
		{resumeEndsNext, "a second call of a resume ends the next suspension"},
		{earlyResumeLost, "a resume counts only while the object stands still"},
		{severalHoldOne, "DoAll holds the first object only"},
		{severalDeadlock, "DoAll takes its places one after the other, in the order in which the objects are named"},

		{panicKillsDrainer, "a panic in a background job is swallowed, and ends the worker, which keeps the turn"},
		{waitersHang, "a panic in a background job makes the object forget who waits"},
		{panicHitsWaiter, "a panic in a background job goes on in the Do that waits behind it"},
		{asyncPanicSwallowed, "a panic in an Async job is recovered, and nobody is told"},
		{handlerHoldsTurn, "the handler of a panic is called before the object goes on"},
		{handlerUnderLock, "the handler of a panic is called with the internal lock, which stays locked if that ends its goroutine"},
		{contextUnderLock, "a call asks its context whether it has ended while it holds the internal lock, and does not unlock it if that panics"},
		{goexitKillsDrainer, "runtime.Goexit in a background job ends the worker, which keeps the turn"},

		{droppedOnClose, "Close forgets the jobs that are queued"},
		{lateWorkAccepted, "Submit after Close says yes, and forgets the job"},
		{secondCloseHangs, "the second Close waits for a signal that the first one consumed"},
		{goroutineLeak, "each object starts a goroutine that never ends"},
		{finishedJobKept, "the object keeps the last job that has run"},
		{queueMemoryKept, "the ring keeps its size, and what was in it"},
		{labelsInherited, "a background job has the profile labels of whoever woke the object"},
	} {
		made := Mutant{Name: string(m.fault), Kind: "basic", Doc: m.doc, Budget: conformance.Short}
		switch m.fault {
		case falseClaim:
			made.supply = func(s *supplier) (conformance.Object, error) { return struct{ conformance.Object }{s.fresh()}, nil }
		case sameObject:
			made.supply = newObjectTwice
		}
		all = append(all, made)
	}
	return all
}
