package batch

import (
	"fmt"
	"time"
)

// Limits say how large a batch may become, and how long it waits for more items. With the
// zero Limits a batch has all items that there are when its turn comes: one if the object is
// idle, and as many as were added meanwhile if it is busy. So the batches grow with the load,
// and no item waits longer than it must. Often that is all one needs.
type Limits[V any] struct {
	// Items is the largest number of items in a batch; 0 means no limit.
	Items int

	// Bytes is the largest size of a batch, in the sum of the sizes of its items; 0 means no
	// limit. An item that is larger has a batch of its own.
	Bytes int

	// Size returns the size of an item. It is needed if Bytes is set, and called by each Add
	// and Future on the goroutine of the caller. They panic if the size is negative.
	Size func(item V) int

	// Wait is how long a batch waits for more items, from its first one on, before it takes
	// its place in the queue of the object. A batch that is full, or flushed, does not wait. In
	// the queue, a batch that is neither takes further items until its turn comes.
	Wait time.Duration
}

func (l *Limits[V]) check() {
	switch {
	case l.Items < 0:
		panic(fmt.Sprintf("batch: New: the limit of the items must not be negative, it is %d", l.Items))
	case l.Bytes < 0:
		panic(fmt.Sprintf("batch: New: the limit of the bytes must not be negative, it is %d", l.Bytes))
	case l.Wait < 0:
		panic(fmt.Sprintf("batch: New: the time to wait must not be negative, it is %v", l.Wait))
	case (l.Bytes > 0) != (l.Size != nil):
		panic("batch: New: a limit of the bytes needs a function for the size of an item, and the other way around")
	}
}

func (l *Limits[V]) size(item V) int {
	if l.Size == nil {
		return 0
	}
	size := l.Size(item)
	if size < 0 {
		panic(fmt.Sprintf("batch: the size of an item must not be negative, it is %d", size))
	}
	return size
}

// full reports whether there is no room for an item of this size beside those that there are.
func (l *Limits[V]) full(items, bytes, size int) bool {
	return l.Items > 0 && items >= l.Items || l.Bytes > 0 && bytes+size > l.Bytes
}
