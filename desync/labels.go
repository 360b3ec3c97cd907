package desync

import (
	"context"
	"runtime/pprof"
)

// A goroutine inherits the profile labels of the goroutine that starts it. So a goroutine
// that an object starts first sets its own. The labels of a goroutine cannot be read, to
// restore them later, so none are set on a caller's goroutine.

// label gives the calling goroutine, which an object has started, the label with the
// object's name, or no label if the object has no name.
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
