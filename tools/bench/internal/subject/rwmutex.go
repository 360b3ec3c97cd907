package subject

import "sync"

// RWMutex is a sync.RWMutex that is locked for writing, since all jobs write. The
// workload "mostly read" has the reads that it is made for.
type RWMutex struct{}

// Name implements [Subject].
func (RWMutex) Name() string { return "RWMutex" }

// New implements [Subject].
func (RWMutex) New() Object { return &lockObject[*sync.RWMutex]{l: new(sync.RWMutex)} }

// Lacks implements [Subject].
func (RWMutex) Lacks() Reasons { return locks("Lock") }
