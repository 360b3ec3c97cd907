package rows

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-desync/go-desync/adapters/natsmap"
	"github.com/go-desync/go-desync/adapters/natsmap/scale/internal/tally"
)

// A load hands numbers to keys, and knows what each should have seen.
type load struct {
	cl       *client
	keys     int
	commands int           // in all; 0: until it is stopped
	rest     time.Duration // between two of a key
	give     func(ctx context.Context, key string, n int) error

	want    []tally.Tally // by key; each owned by its goroutine until done is closed
	handed  atomic.Int64  // confirmed
	full    atomic.Int64  // refused since the log was full
	last    atomic.Int64  // when one was last confirmed, in Unix nanoseconds
	gap     atomic.Int64  // the longest time without one
	stopped atomic.Bool
	begun   time.Time
	took    time.Duration
	done    chan struct{}
	mu      sync.Mutex
	err     error
}

// hand begins to hand commands over. At most a thousand keys are at work at once.
func (cl *client) hand(ctx context.Context, l *load) *load {
	l.cl, l.want, l.done, l.begun = cl, make([]tally.Tally, l.keys), make(chan struct{}), time.Now()
	if l.give == nil {
		l.give = func(ctx context.Context, key string, n int) error { return cl.Async(ctx, key, cl.f.Count, n) }
	}
	l.last.Store(l.begun.UnixNano())
	var next atomic.Int64
	var callers sync.WaitGroup
	for range min(l.keys, 1000) {
		callers.Go(func() {
			for {
				k := int(next.Add(1)) - 1
				if k >= l.keys || l.failed() != nil {
					return
				}
				l.key(ctx, k)
			}
		})
	}
	go func() {
		defer close(l.done)
		callers.Wait()
		l.took = time.Since(l.begun)
	}()
	return l
}

// key hands over the commands of a key.
func (l *load) key(ctx context.Context, k int) {
	key, most := keyName(k), l.commands/l.keys
	for i := 0; l.commands == 0 && !l.stopped.Load() || i < most; i++ {
		err := l.give(ctx, key, i)
		for errors.Is(err, natsmap.ErrFull) && wait(ctx, 5*time.Millisecond) {
			l.full.Add(1)
			err = l.give(ctx, key, i)
		}
		if err != nil {
			l.fail(fmt.Errorf("the command %d of %s: %w", i, key, err))
			return
		}
		l.want[k].Add(i)
		l.confirmed()
		if l.rest > 0 && !wait(ctx, l.rest) {
			return
		}
	}
}

func keyName(k int) string { return fmt.Sprintf("k%06d", k) }

func (l *load) confirmed() {
	l.handed.Add(1)
	now := time.Now().UnixNano()
	gap := now - l.last.Swap(now)
	for {
		most := l.gap.Load()
		if gap <= most || l.gap.CompareAndSwap(most, gap) {
			return
		}
	}
}

func (l *load) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil {
		l.err = err
	}
}

func (l *load) failed() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// reach waits until n commands are confirmed.
func (l *load) reach(ctx context.Context, n int) error {
	for l.handed.Load() < int64(n) {
		if err := l.failed(); err != nil {
			return err
		}
		if !wait(ctx, 2*time.Millisecond) {
			return fmt.Errorf("%d of %d commands are confirmed: %w", l.handed.Load(), n, context.Cause(ctx))
		}
	}
	return nil
}

// more waits until n more commands are confirmed.
func (l *load) more(ctx context.Context, n int) error { return l.reach(ctx, int(l.handed.Load())+n) }

// finish ends the load, waits for it, and compares what the keys have seen.
func (e *env) finish(ctx context.Context, l *load) error {
	l.stopped.Store(true)
	if err := l.handedOver(ctx, e); err != nil {
		return err
	}
	return e.judge(ctx, l.cl, l.wants())
}

// handedOver waits until all is handed over.
func (l *load) handedOver(ctx context.Context, e *env) error {
	for waiting := true; waiting; {
		select {
		case <-l.done:
			waiting = false
		case <-time.After(2 * time.Second):
			e.progress("%d commands are handed over", l.handed.Load())
		}
	}
	if err := l.failed(); err != nil {
		return err
	}
	e.figure("%d commands for %d keys", l.handed.Load(), l.keys)
	e.figure("%.0f handed over a second", float64(l.handed.Load())/l.took.Seconds())
	return nil
}

// wants returns what each key should have seen.
func (l *load) wants() map[string]tally.Tally {
	want := make(map[string]tally.Tally, l.keys)
	for k, y := range l.want {
		if y.N > 0 {
			want[keyName(k)] = y
		}
	}
	return want
}
