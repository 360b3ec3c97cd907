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

// labelFor adds the labels of ctx for a job that has it; label takes them away.
func (c *config) labelFor(ctx context.Context) {
	if c != nil && c.labels != nil {
		has := false
		pprof.ForLabels(ctx, func(string, string) bool {
			has = true
			return false
		})
		if !has {
			return
		}
		ctx = pprof.WithLabels(ctx, pprof.Labels(labelKey, c.name))
	}
	pprof.SetGoroutineLabels(ctx)
}

// labelKey is the key of the label whose value is an object's name.
const labelKey = "desync"
