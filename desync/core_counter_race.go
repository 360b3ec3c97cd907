//go:build race

package desync

import "sync/atomic"

// counter is that of core_counter_norace.go, which the race detector would report.
type counter struct{ n atomic.Int64 }

func (c *counter) increment() { c.n.Add(1) }
func (c *counter) load() int  { return int(c.n.Load()) }

// mark is that of core_counter_norace.go.
type mark struct{ b atomic.Bool }

func (m *mark) set()        { m.b.Store(true) }
func (m *mark) isSet() bool { return m.b.Load() }
