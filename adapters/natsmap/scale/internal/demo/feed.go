package demo

import (
	"context"
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"
)

// A feed hands words over, those of a kind in their order, and in all not faster than one can
// look at.
type feed struct {
	total  int
	handed atomic.Int64
	done   chan struct{}
	err    error // once done is closed
}

const (
	feeders   = 256
	perSecond = 10_000
	atMost    = 13 * time.Second // for large trees, if the machine can
)

// begin begins to hand over all words.
func begin(ctx context.Context, e *engine, all []string) *feed {
	f := &feed{total: len(all), done: make(chan struct{})}
	ctx, cancel := context.WithCancelCause(ctx)
	lines := make([]chan int, feeders) // of positions
	var feeding sync.WaitGroup
	for i := range lines {
		lines[i] = make(chan int, 64)
		feeding.Go(func() {
			for n := range lines[i] {
				if ctx.Err() != nil {
					continue
				}
				if err := e.hand(ctx, all[n], n); err != nil {
					cancel(err)
					continue
				}
				f.handed.Add(1)
			}
		})
	}
	go func() {
		defer close(f.done)
		seed, begun := maphash.MakeSeed(), time.Now()
		step := min(time.Second/perSecond, atMost/time.Duration(len(all)))
		for n, word := range all {
			if early := time.Duration(n)*step - time.Since(begun); early > 5*time.Millisecond {
				time.Sleep(early)
			}
			if ctx.Err() != nil {
				break
			}
			lines[maphash.String(seed, word)%feeders] <- n
		}
		for _, line := range lines {
			close(line)
		}
		feeding.Wait()
		f.err = context.Cause(ctx)
		cancel(nil)
	}()
	return f
}

// reach waits until a part of the words is handed over, or the feed has ended.
func (f *feed) reach(ctx context.Context, part float64) {
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for float64(f.handed.Load()) < part*float64(f.total) {
		select {
		case <-ctx.Done():
			return
		case <-f.done:
			return
		case <-tick.C:
		}
	}
}
