package desync

import (
	"context"
	"runtime/pprof"
)

// An Option sets a property of an object in [New].
type Option func(*config)

type config struct {
	name         string
	panicHandler func(*PanicError)
	observer     Observer          // perhaps several; nil without one
	contextual   []ContextObserver // those of them that are
	seen         *seen             // nil without an observer, and in the config of a map
	publish      func()            // see NewPublished; called as the last part of each job
	labels       context.Context   // profile labels of the background jobs; nil without a name
}

func (c *config) handler() func(*PanicError) {
	if c == nil {
		return nil
	}
	return c.panicHandler
}

// WithName gives the object a name, for messages such as that of a [DeadlockError], for
// observers and for execution traces. In profiles, the goroutine that runs the object's
// background jobs has the label "desync" with the name as its value. It does not
// have the labels of the goroutine that handed over the job, but a job of
// [Desync.FutureContext] also has the labels of its context. Jobs on a caller's
// goroutine have that caller's labels, even jobs that a waiting Do runs for others.
func WithName(name string) Option {
	return func(c *config) {
		c.name = name
		c.labels = pprof.WithLabels(context.Background(), pprof.Labels(labelKey, name))
	}
}

// WithPanicHandler makes the object call handle, on a new goroutine, when a job of
// [Desync.Async] panics; without it such a panic ends the process. The handler does not
// hold the object, which goes on with its next job at once. So the handler may use the
// object, and may call [Desync.Sync] on it. Handlers of several panics may run at the
// same time. A panic in the handler ends the process.
//
// WithPanicHandler panics if handle is nil.
func WithPanicHandler(handle func(*PanicError)) Option {
	if handle == nil {
		panic("desync: WithPanicHandler: the handler is nil; leave the option out to let a panic end the process")
	}
	return func(c *config) { c.panicHandler = handle }
}

// WithObserver makes the object tell o about its jobs. It may be given several times; the
// observers are told in that order. A Try that returns false has no job. The option costs
// each job a few readings of the clock, and a background job an allocation or two. Without it
// nothing is measured.
//
// WithObserver panics if o is nil.
func WithObserver(o Observer) Option {
	if o == nil {
		panic("desync: WithObserver: the observer is nil; leave the option out")
	}
	return func(c *config) { c.observe(o) }
}
