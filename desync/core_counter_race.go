//go:build race

package desync

import "sync/atomic"

// counter is that of core_counter_norace.go, which the race detector would report.
type counter struct{ n atomic.Int64 }

func (c *counter) increment() { c.n.Add(1) }
func (c *counter) load() int  { return int(c.n.Load()) }

// holding is that of core_counter_norace.go.
type holding[T any] struct{ d atomic.Pointer[Desync[T]] }

func (h *holding[T]) begin(d *Desync[T]) { h.d.Store(d) }
func (h *holding[T]) end()               { h.d.Store(nil) }
func (h *holding[T]) load() *Desync[T]   { return h.d.Load() }

// mark is that of core_counter_norace.go.
type mark struct{ b atomic.Bool }

func (m *mark) set()        { m.b.Store(true) }
func (m *mark) isSet() bool { return m.b.Load() }
