package bridge_test

import (
	"slices"
	"sync"
)

// A belt is a right bridge that tests break: a queue, and a goroutine that takes the
// items from it as long as there are some.
type belt struct {
	take func(queue []int) int                 // which comes next; nil for the first one
	emit func(item int, observe func(int))     // nil to observe it
	push func(item int, queue func(int)) error // nil to queue it
	wait func(idle func()) error               // what finish does; nil to wait
	room int                                   // of the queue; 0 for no bound
	drop bool                                  // finish empties the queue
	with func()                                // started when it is opened
}

func (b belt) open(observe func(int)) (push func(int) error, finish func() error) {
	var (
		mu      sync.Mutex
		changed = sync.NewCond(&mu)
		queue   []int
		busy    bool
	)
	if b.with != nil {
		b.with()
	}
	work := func() {
		mu.Lock()
		defer mu.Unlock()
		for len(queue) > 0 {
			next := 0
			if b.take != nil {
				next = b.take(queue)
			}
			item := queue[next]
			queue = slices.Delete(queue, next, next+1)
			changed.Broadcast()
			mu.Unlock()
			if b.emit != nil {
				b.emit(item, observe)
			} else {
				observe(item)
			}
			mu.Lock()
		}
		busy = false
		changed.Broadcast()
	}
	enqueue := func(item int) {
		mu.Lock()
		defer mu.Unlock()
		for b.room > 0 && len(queue) == b.room {
			changed.Wait()
		}
		queue = append(queue, item)
		if !busy {
			busy = true
			go work()
		}
	}
	idle := func() {
		mu.Lock()
		defer mu.Unlock()
		if b.drop {
			queue = nil
		}
		for busy {
			changed.Wait()
		}
	}
	push = func(item int) error {
		if b.push != nil {
			return b.push(item, enqueue)
		}
		enqueue(item)
		return nil
	}
	finish = func() error {
		if b.wait != nil {
			return b.wait(idle)
		}
		idle()
		return nil
	}
	return push, finish
}

// inPush is a bridge without a queue: push waits for its turn, and for the item.
func inPush(observe func(int)) (push func(int) error, finish func() error) {
	var mu sync.Mutex
	push = func(item int) error {
		mu.Lock()
		defer mu.Unlock()
		observe(item)
		return nil
	}
	return push, func() error { return nil }
}
