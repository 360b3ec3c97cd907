package desync

import (
	"context"
	"runtime/pprof"
)

// A goroutine inherits the profile labels of the goroutine that starts it. So a goroutine
// that runs the background jobs of an object first sets the object's labels. On a caller's
// goroutine none are set: its labels cannot be read, so they could not be restored later.

// label sets the labels of the calling goroutine, which is none of a caller's, to the
// object's name, or to none if the object has no name.
func (c *config) label() {
	labels := context.Background()
	if c != nil && c.labels != nil {
		labels = c.labels
	}
	pprof.SetGoroutineLabels(labels)
}

// labelsOf returns a context with the labels of ctx and the label of the object, for a
// job with the context ctx. It returns nil if ctx has no labels. It is called on the
// goroutine that hands over the job, since the methods of ctx may be the user's; those of
// its result are not.
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
