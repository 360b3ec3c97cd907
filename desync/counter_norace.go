//go:build !race

package desync

// A counter is incremented by one goroutine at a time and read by any.
//
// It is not atomic: an atomic write would cost as much as all the rest that is done
// for a queued job, for the sake of Pending alone, and an eighth of a DoContext. The Go
// memory model says what a reader gets who is not synchronized with the writer: some
// value that the word has had. That is all that Pending promises, and a holding's
// context is not to be used by a goroutine that the job does not wait for. A reader who
// knows how far the job is, by a channel for instance, is synchronized with it and gets
// the exact value.
type counter struct{ n int }

func (c *counter) increment() { c.n++ }
func (c *counter) load() int  { return c.n }
