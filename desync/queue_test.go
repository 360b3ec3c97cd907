package desync

import (
	"math/bits"
	"reflect"
	"testing"
)

// Each part of a queue, or of a crew, has a cache line of its own, and a block fills its size class.
// The allocator aligns objects of such sizes to their size.
func TestLayoutOfAQueue(t *testing.T) {
	if bits.UintSize != 64 {
		t.Skip("the layout is that of 64-bit systems")
	}
	const line = 64
	q := reflect.TypeFor[queue]()
	out, _ := q.FieldByName("out")
	free, _ := q.FieldByName("line")
	if q.Size() != 3*line || out.Offset != line || free.Offset != 2*line {
		t.Errorf("a queue has %d bytes, its out side begins at %d, its line of waiters at %d; want %d, %d and %d",
			q.Size(), out.Offset, free.Offset, 3*line, line, 2*line)
	}
	crew := reflect.TypeFor[crew]()
	if out, _ := crew.FieldByName("out"); crew.Size() != 2*line || out.Offset != line {
		t.Errorf("a crew has %d bytes, and its out side begins at %d; want %d and %d", crew.Size(), out.Offset, 2*line, line)
	}
	header := reflect.TypeFor[block]().Size()
	entry := reflect.TypeFor[any]().Size()
	for _, c := range []struct{ entries, class uintptr }{{smallBlock, 512}, {largeBlock, 8192}} {
		if size := header + c.entries*entry; size > c.class || size+entry <= c.class {
			t.Errorf("a block of %d entries has %d bytes; want as many as %d have room for", c.entries, size, c.class)
		}
	}
}

// A queue goes to the pool as it came from there: without blocks.
func TestAQueueGivesBackItsBlocks(t *testing.T) {
	var c core
	c.mu.Lock()
	defer c.mu.Unlock()
	q := c.attach()
	for range 3 * largeBlock {
		q.append(func() {})
	}
	for q.refill() {
		for q.peek() != nil {
			q.pop()
		}
	}
	c.detach()
	for _, b := range []*block{q.first, q.last, q.out, q.empty} {
		if b != nil {
			t.Errorf("it keeps a block of %d entries", len(b.entries))
		}
	}
	if q.blocks != 0 || q.touched {
		t.Errorf("it counts %d blocks, and touched is %v; want none and false", q.blocks, q.touched)
	}
}
