package desync

import (
	"context"
	"runtime/pprof"
)

// A goroutine that a job causes to be started has the profile labels of the one that
// starts it. So those that an object starts begin by setting their own. Nobody can read
// what labels a goroutine has, to put them back later: on a caller's goroutine none are
// set.

// label gives the calling goroutine, which an object has started, the label of the
// object's name, or none if it has no name.
func (c *config) label() {
	labels := context.Background()
	if c != nil && c.labels != nil {
		labels = c.labels
	}
	pprof.SetGoroutineLabels(labels)
}

// labelsOf returns a context with the labels of ctx, and that of the object, for a job
// that has ctx, or nil if ctx has none. It is called by the caller of the job: it uses
// ctx, which may be the user's code, and its result does not.
func (c *config) labelsOf(ctx context.Context) (labels context.Context) {
	has := false
	pprof.ForLabels(ctx, func(string, string) bool {
		has = true
		return false
	})
	switch {
	case !has:
		return nil
	case c != nil && c.labels != nil:
		return pprof.WithLabels(ctx, pprof.Labels(labelKey, c.name))
	}
	return pprof.WithLabels(ctx, pprof.Labels())
}

// labelKey is the key of the label whose value is an object's name.
const labelKey = "desync"
