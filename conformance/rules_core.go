package conformance

// metaRules are about the Factory, not about the object's behaviour.
func metaRules() []Rule {
	return []Rule{{
		ID: "META-1", Level: Must, Feature: FeatureCore, Profile: CoreProfile, Method: Deterministic,
		Text:    "The object has the methods of a feature exactly if the factory claims the feature.",
		Why:     "A method that is there and not claimed would go unchecked, and a report would say less than it seems to.",
		Mutants: []string{"false-claim"},
	}, {
		ID: "META-2", Level: Must, Feature: FeatureCore, Profile: CoreProfile, Method: Deterministic,
		Text:    "New returns a fresh object at each call, with a State of its own that is the same one for every job.",
		Why:     "Cases would disturb each other, and every verdict would be in doubt.",
		Mutants: []string{"same-object"},
	}}
}

// coreRules are what the contract is about: order, execution, exclusion,
// visibility, and the two kinds of call.
func coreRules() []Rule {
	return []Rule{{
		ID: "ORD-1", Level: Must, Feature: FeatureCore, Profile: CoreProfile, Method: Stochastic,
		Text:      "The jobs that one goroutine hands over to one object run in the order of its calls.",
		Why:       "Code that writes and then reads, without waiting in between, would read what was there before.",
		ImpliedBy: []string{"ORD-2"},
		Mutants:   []string{"lifo", "random-pick", "mutex-per-goroutine-job"},
	}, {
		ID: "ORD-2", Level: Must, Feature: FeatureCore, Profile: CoreProfile, Method: Stochastic,
		Text:    "If one call returned before another call began, the job of the first runs before the job of the second, whichever goroutines made the calls.",
		Why:     "A goroutine that is told of another's call, by a channel for instance, could not rely on it.",
		Mutants: []string{"queue-per-client", "random-pick", "mutex-per-goroutine-job"},
	}, {
		ID: "ORD-3", Level: Must, Feature: FeatureCore, Profile: CoreProfile, Method: Stochastic,
		Text:      "All kinds of call share one order: none overtakes what is already queued, a waiting one neither.",
		Why:       "A read that waits for its turn would miss writes that were handed over before it.",
		ImpliedBy: []string{"ORD-2"},
		Mutants:   []string{"sync-barging", "futures-second-queue", "sync-skips-queue"},
	}, {
		ID: "ORD-4", Level: Must, Feature: FeatureCore, Profile: CoreProfile, Method: Stochastic,
		Text:      "The order holds however long the queue grows, however often it has been filled and emptied, and each time the object falls idle and wakes up.",
		Why:       "These are the places where queues go wrong, and they are rare in small tests.",
		ImpliedBy: []string{"ORD-2"},
		Mutants:   []string{"order-broken-after-growth", "ring-wrap-off-by-one"},
	}, {
		ID: "EXE-1", Level: Must, Feature: FeatureCore, Profile: CoreProfile, Method: Stochastic,
		Text:    "No job runs twice.",
		Why:     "An increment would count double.",
		Mutants: []string{"duplicate-on-wake", "duplicate-on-growth"},
	}, {
		ID: "EXE-2", Level: Must, Feature: FeatureCore, Profile: CoreProfile, Method: Stochastic,
		Text:    "Every accepted job runs, unless its context ended first.",
		Why:     "A write is lost, or a caller waits for ever.",
		Mutants: []string{"lost-under-contention", "lost-wakeup", "async-drops-when-full"},
	}, {
		ID: "EXC-1", Level: Must, Feature: FeatureCore, Profile: CoreProfile, Method: Stochastic,
		Text:    "Two jobs of one object never overlap, from the first statement of each to its last, waits inside included.",
		Why:     "The data has no other protection.",
		Mutants: []string{"two-drainers", "sync-unlocked-against-async"},
	}, {
		ID: "MEM-1", Level: Must, Feature: FeatureCore, Profile: CoreProfile, Method: RaceOnly,
		Text:    "The end of each job happens before the start of the next one, in the sense of the Go memory model.",
		Why:     "A job could see half of what an earlier one wrote, on some machines, some of the time.",
		Mutants: []string{"handoff-without-happens-before"},
	}, {
		ID: "MEM-2", Level: Must, Feature: FeatureCore, Profile: CoreProfile, Method: RaceOnly,
		Text:    "What a caller wrote before its call is visible to the job, and what the job wrote is visible to whoever received its result.",
		Why:     "A closure could see its variables uninitialised, and a result could arrive half written.",
		Mutants: []string{"result-racy", "sync-result-racy"},
	}, {
		ID: "SYN-1", Level: Must, Feature: FeatureCore, Profile: CoreProfile, Method: Deterministic,
		Text:    "Do returns when its own job is done, after everything that was handed over before it, and waits for nothing that is handed over later.",
		Why:     "Its result would be missing, too old, or late without bound.",
		Mutants: []string{"sync-returns-at-start", "sync-skips-queue", "sync-waits-for-later"},
	}, {
		ID: "SYN-2", Level: Must, Feature: FeatureCaller, Profile: CoreProfile, Method: Deterministic,
		Text:    "The job of Do runs on the calling goroutine, so that its runtime.Goexit is the caller's own. The object goes on whichever way the job ends.",
		Why:     "t.FailNow in a job would end the wrong goroutine, and a stack trace would not show who called.",
		Mutants: []string{"sync-on-worker", "sync-strands-on-goexit"},
	}, {
		ID: "SYN-3", Level: Should, Feature: FeatureCore, Profile: LifecycleProfile, Method: Untestable,
		Text:   "Waiting is durably blocking for testing/synctest, and nothing of one bubble serves another.",
		Why:    "Users could not test code that uses the object in a bubble.",
		Reason: "A bubble ends the whole test process when it deadlocks, and the suite also runs outside of tests; an implementation shows it with its own tests.",
	}, {
		ID: "ASY-1", Level: Must, Feature: FeatureUnbounded, Profile: CoreProfile, Method: Deterministic,
		Text:    "Async returns at once however long the object is busy and however much is queued, and accepts the job.",
		Why:     "A caller that holds what the running job waits for would deadlock as soon as the queue is long enough.",
		Mutants: []string{"async-inline", "async-blocks-at-1024", "async-drops-when-full"},
	}, {
		ID: "ASY-2", Level: Must, Feature: FeatureCore, Profile: CoreProfile, Method: Deterministic,
		Text:    "The job of Async never runs on the submitting goroutine before Async returns.",
		Why:     "The caller may hold a mutex that the job needs.",
		Mutants: []string{"async-inline"},
	}, {
		ID: "HLP-1", Level: Should, Feature: FeatureCore, Profile: CoreProfile, Method: Untestable,
		Text:   "A Do that finds jobs queued which nobody has started may run them itself, in order, before its own. A call with a context does not: it gives up in time.",
		Why:    "Users would rely on which goroutine runs a background job.",
		Reason: "The first sentence is a permission, which nothing can violate; the second is part of CAN-1.",
	}}
}

// besideRules are about several objects and about jobs that use objects.
func besideRules() []Rule {
	return []Rule{{
		ID: "PAR-1", Level: Must, Feature: FeatureParallel, Profile: ConcurrencyProfile, Method: Deterministic,
		Text:    "Jobs of different objects run in parallel, and no number of blocked objects stops another one.",
		Why:     "Objects that wait for each other, each fine by itself, would deadlock when there are enough of them.",
		Mutants: []string{"global-worker", "fixed-pool", "global-lock"},
	}, {
		ID: "FAIR-1", Level: Must, Feature: FeatureParallel, Profile: ConcurrencyProfile, Method: Deterministic,
		Text:    "An object with work without end leaves the processor to other objects, on one processor too.",
		Why:     "One hot object would stop the rest of the program.",
		Mutants: []string{"hot-object-starves"},
	}, {
		ID: "NST-1", Level: Must, Feature: FeatureParallel, Profile: ConcurrencyProfile, Method: Deterministic,
		Text:    "A job may call any object but its own and wait for it, as long as no ring of waits is closed.",
		Why:     "Objects could not be built out of objects.",
		Mutants: []string{"global-worker", "global-lock"},
	}, {
		ID: "NST-2", Level: Must, Feature: FeatureCore, Profile: ConcurrencyProfile, Method: Deterministic,
		Text:      "A job may hand over background jobs to its own object; they take their place at the tail.",
		Why:       "A long task could not be cut into steps that let others in.",
		ImpliedBy: []string{"ORD-2"},
		Mutants:   []string{"own-async-in-front"},
	}, {
		ID: "NST-3", Level: Should, Feature: FeatureCore, Profile: ConcurrencyProfile, Method: Untestable,
		Text:   "A job that waits for its own object, or closes a ring of waits, is told so where that can be known.",
		Why:    "The fault would be a silent deadlock.",
		Reason: "The contract leaves a plain Do free to block, as a mutex does, and how a ring is reported differs between implementations.",
	}, {
		ID: "LOCK-1", Level: Must, Feature: FeatureUnbounded, Profile: ConcurrencyProfile, Method: Deterministic,
		Text:    "No job and no handler runs under an internal lock: while one runs, every call that does not wait for a turn returns.",
		Why:     "A job could deadlock with a bystander that only wanted to queue something.",
		Mutants: []string{"global-lock", "handler-holds-turn"},
	}}
}
