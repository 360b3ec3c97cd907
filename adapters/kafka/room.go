package kafka

import (
	"context"
	"sync/atomic"
)

// A room bounds the records that are held. Only the poll loop takes room; it asks for it
// before it knows how large the records are.
type room struct {
	records int64
	bytes   int64

	taken      atomic.Int64 // records
	takenBytes atomic.Int64
	waits      atomic.Bool   // the poll loop does; see wait
	given      chan struct{} // holds one element if room was given since waits was set

	largest int64 // record so far. Of the poll loop.
}

// mostPolled is how many records are polled at once: rebalances wait for them.
const mostPolled = 1000

// wait waits until there is room, and returns for how many records there is, if none is larger
// than all before. There is for one, however large. ok is false if ctx has ended.
func (r *room) wait(ctx context.Context) (n int, ok bool) {
	for {
		if n := r.free(); n > 0 {
			return n, ctx.Err() == nil
		}
		// Room that is given after this is told of, and free has another look for what was
		// given before.
		r.waits.Store(true)
		if r.free() == 0 {
			select {
			case <-r.given:
			case <-ctx.Done():
				return 0, false
			}
		}
		r.waits.Store(false)
	}
}

func (r *room) free() int {
	records, bytes := r.records-r.taken.Load(), r.bytes-r.takenBytes.Load()
	if records <= 0 || bytes <= 0 {
		return 0
	}
	if r.largest == 0 {
		return 1 // nothing is known of their sizes yet
	}
	return int(min(records, max(1, bytes/r.largest), mostPolled))
}

// take takes room for a record.
func (r *room) take(size int64) {
	r.largest = max(r.largest, size, 1)
	r.taken.Add(1)
	r.takenBytes.Add(size)
}

// give gives room back.
func (r *room) give(records int, bytes int64) {
	r.taken.Add(-int64(records))
	r.takenBytes.Add(-bytes)
	if r.waits.Load() {
		select {
		case r.given <- struct{}{}:
		default: // it is told already
		}
	}
}
