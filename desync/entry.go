package desync

// What an entry of a queue is: a func(*T), which is a job of Async; a task, which is a
// background job that does more; or a granter, in whose place somebody waits for the
// turn. An abandoner is a task or a granter that may be given up.

// A granter is an entry that is given the turn and uses it elsewhere: on the
// goroutine that waits for it, or on none until somebody says so.
type granter interface {
	// grant hands over the turn. It reports false if nobody wants it any more;
	// the caller then still has it. Otherwise the caller must not touch the
	// object afterwards.
	grant() bool
}

// An abandoner is an entry whose call may be given up.
type abandoner interface {
	// abandoned reports whether it was. Once true it stays true, and granting or running
	// the entry then does nothing.
	abandoned() bool
}

// A task is a background job that does more than run a function.
type task[T any] interface {
	// run does it and reports true, or gives up the turn and reports false. It does
	// not panic. If helping, it is called on the goroutine of a Do that helps.
	run(d *Desync[T], helping bool) bool
}

// The states of an entry that can be canceled.
const (
	pending uint32 = iota
	started
	cancelled
	placed // for a contextJob: pending, and in the queue
)
