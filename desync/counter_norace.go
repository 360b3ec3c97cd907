//go:build !race

package desync

// A counter is incremented by one goroutine at a time and read by any.
//
// It is not atomic: an atomic write would cost as much as everything else that is done
// for a queued job, only for Pending, and an eighth of a DoContext. By the Go memory
// model, a reader that is not synchronized with the writer gets some value that the word
// has had. Pending promises no more than that, and a holding's context must not be used
// by a goroutine that the job does not wait for. A reader that knows how far the job is,
// by a channel for example, is synchronized with it and gets the exact value.
type counter struct{ n int }

func (c *counter) increment() { c.n++ }
func (c *counter) load() int  { return c.n }

// A flag is set by one goroutine and read by any, as a counter is.
type flag struct{ b bool }

func (f *flag) set()        { f.b = true }
func (f *flag) isSet() bool { return f.b }
