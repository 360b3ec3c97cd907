package desync

import "sync"

// The first block of a queue is small, since most queues are short. The others are
// large, so that few must be fetched.
const (
	smallBlock = 29
	largeBlock = 509

	// A side with more blocks than this is a burst. Its blocks are left to the garbage
	// collector: in the pool they would survive its next run.
	ordinary = 17
)

type block struct {
	next    *block
	n       int // entries appended
	entries []any
}

var (
	smallBlocks = sync.Pool{New: func() any {
		b := new(struct {
			block
			room [smallBlock]any
		})
		b.entries = b.room[:]
		return &b.block
	}}
	largeBlocks = sync.Pool{New: func() any {
		b := new(struct {
			block
			room [largeBlock]any
		})
		b.entries = b.room[:]
		return &b.block
	}}
)
