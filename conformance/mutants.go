package conformance

// furtherMutants are the mutants beside those that a rule names itself, by the rule that
// must find them. They come in families, one for each kind of fault that a suite easily
// misses: beyond a size, after a time, in a narrow window, for one call in one state,
// for one ending, over one edge of the memory model, in what is left, and in what the
// subject itself does. The seed of a run draws their sizes, times and windows.
var furtherMutants = map[string][]string{
	"ORD-4": {
		"growth-breaks-order-from-size", "ring-wraps-wrong-from-size",
	},
	"EXE-1": {
		"growth-doubles-from-size", "doubled-before-sleep",
	},
	"LEAK-2": {
		"queue-memory-kept-from-size", "do-job-kept", "try-job-kept", "several-job-kept", "future-job-kept",
		"after-job-kept", "panicked-job-kept", "goexit-job-kept", "context-keeps-job", "finished-context-kept",
	},
	"EXE-2": {
		"job-dropped-at-size", "job-lost-at-count", "waiter-forgotten-at-size", "rest-takes-signal",
		"job-lost-after-rest", "queued-job-expires", "long-rest-takes-signal", "job-lost-after-long-rest",
		"lost-before-sleep", "waiter-lost-at-idle", "snapshot-stored-blindly", "async-from-try-lost",
	},
	"ASY-1": {
		"async-waits-from-size",
	},
	"ORD-3": {
		"do-overtakes-from-size", "long-wait-goes-first", "try-between-jobs",
	},
	"CAN-1": {
		"cancel-misses-from-size", "context-ignored-after-wait", "far-deadline-ignored",
		"ended-context-waits-on-suspended", "ended-context-future-runs-on-idle", "only-newest-future-canceled",
		"deadline-ignored", "canceled-with-cause-ignored", "context-panics", "future-context-panics",
	},
	"CAN-4": {
		"canceled-kept-from-count", "canceled-context-kept", "canceled-future-kept",
	},
	"SUS-1": {
		"suspension-ignored-at-size", "suspension-expires", "long-suspension-expires", "do-runs-on-suspended",
		"try-runs-on-suspended", "suspend-panics", "suspend-exits",
	},
	"SUS-2": {
		"resume-generation-wraps", "late-resume-lost", "resume-lost-on-arrival", "resume-exits",
	},
	"FUT-1": {
		"future-slot-reused", "future-forgets", "future-wait-misses-end", "future-panics", "future-wait-exits",
	},
	"MUL-1": {
		"several-hold-first-n", "several-panics",
	},
	"TRY-1": {
		"refused-tries-wedge", "try-from-job-waits", "try-panics", "try-exits",
	},
	"PAR-1": {
		"objects-share-stripes", "pool-exhausted",
	},
	"EXC-1": {
		"long-job-taken-for-dead", "long-do-taken-for-dead", "long-job-lets-try-in",
		"very-long-job-taken-for-dead", "two-turns-at-idle", "second-cancel-frees-turn",
		"do-from-job-runs-at-once",
	},
	"SYN-1": {
		"long-wait-given-up", "very-long-wait-given-up",
	},
	"AFT-1": {
		"after-expires", "late-value-lost", "value-lost-on-arrival", "do-passes-waiting-after",
		"error-lost-in-after", "after-panics", "settle-exits",
	},
	"CAN-2": {
		"long-job-reported-canceled", "canceled-at-start",
	},
	"CLO-1": {
		"close-gives-up", "submit-lost-at-close", "submit-while-closing-lost", "close-leaves-after",
		"close-panics",
	},
	"CAN-3": {
		"turn-given-to-canceled",
	},
	"MUL-2": {
		"places-taken-apart",
	},
	"NST-2": {
		"own-future-in-front",
	},
	"FUT-3": {
		"future-behind-suspension-discarded",
	},
	"PAN-1": {
		"panic-as-text", "try-panic-as-text", "nil-panic-swallowed", "context-panic-is-error",
	},
	"PAN-2": {
		"future-panic-loses-value", "future-nil-panic-is-value", "after-panic-unsettled",
	},
	"PAN-3": {
		"handler-gets-text", "nil-panic-not-handled", "on-panic-panics",
	},
	"PAN-4": {
		"struct-panic-keeps-turn", "try-panic-keeps-turn", "context-panic-keeps-turn",
		"several-panic-keeps-others",
	},
	"SYN-2": {
		"context-goexit-keeps-turn", "try-goexit-keeps-turn", "several-goexit-keeps-others",
	},
	"PAN-5": {
		"after-goexit-unsettled", "future-context-goexit-is-value",
	},
	"MEM-1": {
		"try-looks-without-lock", "turn-of-context-racy", "resume-racy", "several-turn-racy",
		"objects-share-counter", "count-of-jobs-racy",
	},
	"MEM-2": {
		"async-job-racy", "future-job-racy", "after-value-racy", "after-result-racy", "future-context-result-racy",
		"second-wait-racy", "context-end-racy", "try-end-racy", "close-racy", "handler-value-racy",
	},
	"LEAK-1": {
		"closed-goroutine-stays", "context-watcher-stays", "suspension-goroutine-stays", "after-goroutine-stays",
		"goexit-goroutine-stays", "given-up-goroutine-stays",
	},
	"META-2": {
		"new-exits", "new-exits-later", "new-typed-nil", "new-typed-nil-later", "new-object-twice", "new-blocks",
		"new-blocks-later", "new-panics-later", "new-fails-later",
	},
	"CLO-3": {
		"second-close-exits",
	},
}
