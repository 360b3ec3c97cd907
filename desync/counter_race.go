//go:build race

package desync

import "sync/atomic"

// counter is that of counter_norace.go, which the race detector would report.
type counter struct{ n atomic.Int64 }

func (c *counter) increment() { c.n.Add(1) }
func (c *counter) load() int  { return int(c.n.Load()) }

// flag is that of counter_norace.go.
type flag struct{ b atomic.Bool }

func (f *flag) set()        { f.b.Store(true) }
func (f *flag) isSet() bool { return f.b.Load() }
