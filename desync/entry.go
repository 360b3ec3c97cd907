package desync

// An entry of a queue is one of three things: a func(*T), the job of an Async; a task, a
// background job that does more; or a granter, the place of a call that waits for the
// turn. An abandoner is a task or a granter that may be given up.

// A granter is an entry that gets the turn and uses it elsewhere: on the goroutine that
// waits for it, or, for a Suspend, nowhere until it is resumed.
type granter interface {
	// grant hands over the turn. It reports false if the call was given up; the caller
	// of grant then still has the turn. Otherwise that caller must not touch the object
	// afterwards.
	grant() bool
}

// An abandoner is an entry whose call may be given up.
type abandoner interface {
	// abandoned reports whether the call was given up. Once true it stays true, and
	// granting or running the entry then does nothing.
	abandoned() bool
}

// A task is a background job that does more than run a function.
type task[T any] interface {
	// run does the job and reports true, or gives up the turn and reports false. It does
	// not panic. helping means that the goroutine is that of a Do that helps.
	run(d *Desync[T], helping bool) bool
}

// A place holds an observed object without a job: that of a suspension, or a share of a
// gathering. Its entry is a task, since the observer is told when it is reached; see held.go.
type place interface {
	abandoned() bool
	reach() bool // reports whether it has not ended
	tell()       // calls Held
	keep() bool  // reports whether it has still not ended
}

// The states of an entry that can be canceled.
const (
	pending uint32 = iota
	started
	cancelled
	placed  // for a contextJob: pending, and in the queue
	telling // for a place: reached, and the observer is told
)
