//go:build !race && !desyncdebug

package waits

import "context"

// Watching says whether this build looks for rings of waits.
const Watching = false

// A Hook is the place in a future for what [OnAwait] sets.
type Hook struct{}

func (*Hook) set(func(context.Context) (func(), error)) {}

// Await does what [OnAwait] says for the future of h, which is about to wait.
func Await(context.Context, *Hook) (ended func(), err error) { return func() {}, nil }

// Hold notes that the calling goroutine holds o, and waits no longer.
func Hold(Object) {}

// Leave notes that the object with this key is about to be let go of.
func Leave(key any) {}

// End notes that the calling goroutine waits no longer.
func End() {}

// A Job is what is waited for: a job that has its place among those of an object.
// All methods may be called on a nil *Job.
type Job struct{}

// NewJob returns a job that will be queued on o by the call that waits for it, when the
// wait begins.
func NewJob(Object) *Job { return nil }

// Follow calls handOver with a job, which stands for the first job that handOver then
// queues on an object: nil in builds that do not watch.
func Follow(handOver func(job *Job)) { handOver(nil) }

// Queue returns a job that the calling goroutine is about to queue on o: the one of
// Follow, if that is waiting for one. It is nil in builds that do not watch.
func Queue(Object) *Job { return nil }

// End notes that the job has ended: nobody waits for it in vain any more.
func (*Job) End() {}

// A Waiting is a wait that is about to begin.
type Waiting struct{}

// Prepare returns a wait of the calling goroutine for jobs. mayEnd says that it can end
// without them, as by a context; then it is in nobody else's ring. over, if it is not
// nil, reports whether the wait is over though not all jobs have ended; it must neither
// wait nor call functions of users.
func Prepare(mayEnd bool, over func() bool, on ...*Job) *Waiting { return nil }

// Begin notes the wait, or returns the waits of the ring that it would close. ring is
// to be called when no lock is held.
func (*Waiting) Begin() (ring func() []Wait) { return nil }

// Placed notes that the wait, which is for several objects, has its place in the
// queues of all.
func (*Waiting) Placed() {}

// Granted notes that the goroutine that waits holds the object with this key, and waits
// for more.
func (*Waiting) Granted(key any) {}
