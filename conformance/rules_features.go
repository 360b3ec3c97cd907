package conformance

// futureRules are about jobs whose result can be waited for.
func futureRules() []Rule {
	return []Rule{{
		ID: "FUT-1", Level: Must, Feature: FeatureFuture, Profile: FutureProfile, Method: Deterministic,
		Text:    "A future settles once: every wait, early or late, from any goroutine, gives the one result.",
		Why:     "Two readers would see two results of one job.",
		Mutants: []string{"future-settles-twice"},
	}, {
		ID: "FUT-2", Level: Must, Feature: FeatureFuture, Profile: FutureProfile, Method: Deterministic,
		Text:    "A future does not settle before its job has ended.",
		Why:     "The result would be that of no job at all.",
		Mutants: []string{"future-before-job"},
	}, {
		ID: "FUT-3", Level: Must, Feature: FeatureFuture, Profile: FutureProfile, Method: Deterministic,
		Text:    "To discard a future, or to give up waiting for it, cancels nothing.",
		Why:     "Whether a write takes place would depend on whether somebody looks.",
		Mutants: []string{"discard-cancels", "given-up-cancels"},
	}}
}

// cancelRules are about calls that do not wait without end.
func cancelRules() []Rule {
	return []Rule{{
		ID: "CAN-1", Level: Must, Feature: FeatureCancel, Profile: CancelProfile, Method: Deterministic,
		Text:    "A context that ended before the call or before the job's turn keeps the job from running, on an idle object too, and the caller, or the future, is told at once.",
		Why:     "A request that nobody waits for any more would still change the data, or a caller would be stuck behind a job that hangs.",
		Mutants: []string{"cancelled-job-runs", "idle-ignores-context"},
	}, {
		ID: "CAN-2", Level: Must, Feature: FeatureCancel, Profile: CancelProfile, Method: Stochastic,
		Text:    "A job that has started is never reported as not run, and one that is reported as run has run.",
		Why:     "The caller would try again what has been done already.",
		Mutants: []string{"ran-reported-cancelled"},
	}, {
		ID: "CAN-3", Level: Must, Feature: FeatureCancel, Profile: CancelProfile, Method: Stochastic,
		Text:    "The neighbours of a cancelled job keep their order and lose nothing.",
		Why:     "One caller's impatience would be another caller's loss.",
		Mutants: []string{"cancel-removes-neighbour"},
	}, {
		ID: "CAN-4", Level: Must, Feature: FeatureCancel, Profile: CancelProfile, Method: Deterministic,
		Text:    "The queue keeps nothing of a cancelled job once it has passed its place.",
		Why:     "Whatever the job refers to would stay in memory.",
		Mutants: []string{"cancelled-job-kept"},
	}, {
		ID: "TRY-1", Level: Must, Feature: FeatureTry, Profile: CancelProfile, Method: Deterministic,
		Text:    "A Try never waits: on a busy object it is refused at once. A refused Try has no effect, and later calls do not notice it.",
		Why:     "An attempt that failed would block everybody else.",
		Mutants: []string{"refused-try-wedges"},
	}, {
		ID: "TRY-2", Level: Must, Feature: FeatureTry, Profile: CancelProfile, Method: Deterministic,
		Text:    "If nobody else uses the object, a Try straight after a Do has returned succeeds.",
		Why:     "The object would look busy for no reason that the caller can know.",
		Mutants: []string{"refused-try-wedges", "turn-passed-late"},
	}}
}

// holdRules are about calls that hold the object for longer than a job, or hold
// more than one.
func holdRules() []Rule {
	return []Rule{{
		ID: "AFT-1", Level: Must, Feature: FeatureAfter, Profile: FutureProfile, Method: Deterministic,
		Text:    "An After job takes its place in the queue at the call, holds the object there until its value has come, and then runs with that value or error.",
		Why:     "The job would see data from another point of the order than the one it was given.",
		Mutants: []string{"after-runs-early"},
	}, {
		ID: "SUS-1", Level: Must, Feature: FeatureSuspend, Profile: ConcurrencyProfile, Method: Deterministic,
		Text:    "What is handed over before a Suspend runs; nothing that is handed over after it runs before its resume.",
		Why:     "The caller would use the data from outside while a job does.",
		Mutants: []string{"suspend-ignored"},
	}, {
		ID: "SUS-2", Level: Must, Feature: FeatureSuspend, Profile: ConcurrencyProfile, Method: Deterministic,
		Text:    "A resume may come before the place is reached, from any goroutine, and more than once; it ends its own suspension and no other.",
		Why:     "The object would stand still for ever, or move during another caller's suspension.",
		Mutants: []string{"resume-ends-next", "early-resume-lost"},
	}, {
		ID: "MUL-1", Level: Must, Feature: FeatureSeveral, Profile: ConcurrencyProfile, Method: Deterministic,
		Text:    "A job on several objects holds all of them from its start to its end, and runs after everything that was handed over to any of them before.",
		Why:     "A transfer between two accounts could be seen half done.",
		Mutants: []string{"several-hold-one"},
	}, {
		ID: "MUL-2", Level: Must, Feature: FeatureSeveral, Profile: ConcurrencyProfile, Method: Stochastic,
		Text:    "Jobs on several objects cannot deadlock with each other, in whatever order each names its objects.",
		Why:     "Callers would have to agree on an order of all objects.",
		Mutants: []string{"several-deadlock"},
	}}
}

// panicRules are about jobs that do not end by returning.
func panicRules() []Rule {
	return []Rule{{
		ID: "PAN-1", Level: Must, Feature: FeaturePanics, Profile: LifecycleProfile, Method: Deterministic,
		Text:    "A panic in the job of Do, Try or DoAll reaches the caller with its value, as from any function.",
		Why:     "The caller's own deferred calls and recover would not work.",
		Mutants: []string{"sync-strands-on-panic"},
	}, {
		ID: "PAN-2", Level: Must, Feature: FeatureFuture, Profile: LifecycleProfile, Method: Deterministic,
		Text:    "A panic in the job of a future settles the future with an error that names the value.",
		Why:     "The one who waits would wait for ever, or get a value that no job made.",
		Mutants: []string{"panic-kills-drainer"},
	}, {
		ID: "PAN-3", Level: Must, Feature: FeatureCrash, Profile: LifecycleProfile, Method: Deterministic,
		Text:    "A panic in an Async job ends the process with the original value, as in any goroutine. If there is a handler, it is told the value instead, at once, and may use the object.",
		Why:     "A fault that nobody is told of goes on to damage the data.",
		Mutants: []string{"async-panic-swallowed"},
	}, {
		ID: "PAN-4", Level: Must, Feature: FeaturePanics, Profile: LifecycleProfile, Method: Deterministic,
		Text:    "After a panic the object goes on with the next job, and nobody who waits is stranded.",
		Why:     "One bad job would stop all later ones.",
		Mutants: []string{"panic-kills-drainer", "waiters-behind-panic-hang", "sync-strands-on-panic"},
	}, {
		ID: "PAN-5", Level: Must, Feature: FeatureGoexit, Profile: LifecycleProfile, Method: Deterministic,
		Text:    "runtime.Goexit in a background job ends that job only: the object goes on, and a future settles with an error.",
		Why:     "t.FailNow in a job would stop the object without a word.",
		Mutants: []string{"goexit-kills-drainer"},
	}, {
		ID: "HLP-2", Level: Must, Feature: FeatureFuture, Profile: LifecycleProfile, Method: Deterministic,
		Text:    "The panic of a background job never unwinds into a Do that waits behind it, whichever goroutine runs the job.",
		Why:     "A caller would be hit by the fault of a job that is not its own.",
		Mutants: []string{"waiters-behind-panic-hang", "panic-hits-waiter"},
	}, {
		ID: "HLP-3", Level: Should, Feature: FeatureGoexit, Profile: LifecycleProfile, Method: Untestable,
		Text:   "A background job that calls runtime.Goexit while a Do helps may end that caller's goroutine too; the object is passed on first.",
		Why:    "Users would call t.FailNow in a background job and wonder which goroutine ends.",
		Reason: "It is a permission. That the object goes on is PAN-5.",
	}}
}

// lifecycleRules are about what is left over, and about closing.
func lifecycleRules() []Rule {
	return []Rule{{
		ID: "CLO-1", Level: Must, Feature: FeatureClose, Profile: LifecycleProfile, Method: Stochastic,
		Text:    "Close returns when everything that was accepted before has run; a job that was accepted while Close was called runs too.",
		Why:     "Work would be lost at every shutdown.",
		Mutants: []string{"dropped-on-close"},
	}, {
		ID: "CLO-2", Level: Must, Feature: FeatureClose, Profile: LifecycleProfile, Method: Deterministic,
		Text:    "What is submitted after Close has returned is refused, its caller is told, and it never runs.",
		Why:     "The caller would believe that its work will be done.",
		Mutants: []string{"late-work-accepted"},
	}, {
		ID: "CLO-3", Level: Must, Feature: FeatureClose, Profile: LifecycleProfile, Method: Deterministic,
		Text:    "A second Close returns, after the first one or beside it.",
		Why:     "Two owners, or a deferred Close after an explicit one, would hang.",
		Mutants: []string{"second-close-hangs"},
	}, {
		ID: "LEAK-1", Level: Must, Feature: FeatureIdle, Profile: LifecycleProfile, Method: Deterministic,
		Text:    "When nothing is queued and nothing runs, the object owns no goroutine.",
		Why:     "Objects could not be as many and as short-lived as other values are.",
		Mutants: []string{"goroutine-leak"},
	}, {
		ID: "LEAK-2", Level: Must, Feature: FeatureIdle, Profile: LifecycleProfile, Method: Deterministic,
		Text:    "The object does not keep a finished job, nor the memory of a long queue once it is empty.",
		Why:     "Whatever the last jobs refer to would stay in memory.",
		Mutants: []string{"finished-job-kept", "queue-memory-kept"},
	}}
}
