// Package subject has the implementations that the suite is run on: Desync, the
// references, libraries of others, and idioms of plain Go. Each is wrapped as its
// own users would write it, in a file of its own.
//
// A library is judged by what it promises. Where its documentation denies a feature,
// the feature is disclaimed in the documentation's own words. Where it is silent, a
// pass counts; a failure does not, and the feature or case is left out with the
// remark that the documentation is silent. The core cannot be disclaimed: where a
// library fails it and has said that it would, Notes quotes it. The idioms have no
// documentation, so they are judged by the whole contract.
package subject

import (
	"runtime/debug"

	"github.com/go-desync/go-desync/conformance"
)

// A Subject is an implementation to be checked.
type Subject struct {
	Name    string // by which the command knows it
	Factory conformance.Factory

	// Correct says that it must pass every rule that it claims.
	Correct bool

	// Isolate gives each case a process of its own: for what crashes.
	Isolate bool

	// Chance says that what the subject does is up to Go's scheduler, so that a
	// fault may show in one run and not in the next, whatever the rule.
	Chance bool

	// Skips has cases that are left out though their feature is claimed, and why.
	Skips map[string]string

	// Notes has rules of the core that fail, and what the documentation says of them.
	Notes map[string]string
}

// version returns the version of a module that the program is built with, or "" if
// that is the source beside it.
func version(module string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, m := range info.Deps {
		if m.Path == module {
			return m.Version
		}
	}
	return ""
}

// wait hands over a job by submit and returns when it has ended, in the way of
// everybody whose pool has no such call: with a channel.
func wait(submit func(func()), job func()) {
	done := make(chan struct{})
	submit(func() {
		defer close(done)
		job()
	})
	<-done
}
