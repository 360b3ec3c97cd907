//go:build !race

package desync

// A counter is incremented by one goroutine at a time and read by any.
//
// It is not atomic. An atomic write, only for Pending, would cost as much as all other
// work on a queued job, and an eighth of a DoContext. By the Go memory model, a reader
// that is not synchronized with the writer gets some value that the word has had. That
// is enough: Pending promises no more, and a goroutine that the job does not wait for
// must not use the job's context. A reader that is synchronized with the job, by a
// channel for example, gets the exact value.
type counter struct{ n int }

func (c *counter) increment() { c.n++ }
func (c *counter) load() int  { return c.n }

// A holding is an object, or nil when that is no longer held. It is written by one goroutine
// and read by any, as a counter is.
type holding[T any] struct{ d *Desync[T] }

func (h *holding[T]) begin(d *Desync[T]) { h.d = d }
func (h *holding[T]) end()               { h.d = nil }
func (h *holding[T]) load() *Desync[T]   { return h.d }

// A mark is set by one goroutine and read by any, as a counter is.
type mark struct{ b bool }

func (m *mark) set()        { m.b = true }
func (m *mark) isSet() bool { return m.b }
