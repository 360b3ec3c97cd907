package odd

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// batches is a line with what is worked off now and what comes then.
type batches struct {
	now []func() // of who has the turn

	mu   sync.Mutex
	then []func()
	busy bool
}

func (l *batches) enter(granted func()) {
	l.mu.Lock()
	now := !l.busy
	if l.busy = true; !now {
		l.then = append(l.then, granted)
	}
	l.mu.Unlock()
	if now {
		granted()
	}
}

func (l *batches) leave() {
	if len(l.now) == 0 {
		l.mu.Lock()
		l.now, l.then = l.then, nil
		l.busy = len(l.now) > 0
		over := !l.busy
		l.mu.Unlock()
		if over {
			return
		}
	}
	granted := l.now[0]
	l.now[0] = nil
	l.now = l.now[1:]
	granted()
}

// polled is a line that nobody is told of.
type polled struct {
	mu      sync.Mutex
	all     []func()
	busy    bool
	polling bool
}

func (l *polled) enter(granted func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, granted)
	if !l.polling {
		l.polling = true
		go l.poll()
	}
}

func (l *polled) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.busy = false
}

func (l *polled) poll() {
	for {
		time.Sleep(10 * time.Millisecond)
		granted, over := l.look()
		if over {
			return
		}
		if granted != nil {
			granted()
		}
	}
}

// look takes the turn for the next, unless somebody has it. The poll is over when there
// is nobody.
func (l *polled) look() (granted func(), over bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.busy {
		return nil, false
	}
	if len(l.all) == 0 {
		l.polling, l.all = false, nil
		return nil, true
	}
	granted = l.all[0]
	l.all[0] = nil
	l.all, l.busy = l.all[1:], true
	return granted, false
}

// slow lets those whose turn has come know it late.
type slow struct{ line }

func (l slow) enter(granted func()) {
	l.line.enter(func() {
		time.AfterFunc(time.Duration(1000+rand.IntN(4000))*time.Microsecond, granted)
	})
}

// chain is a line of goroutines, each of which waits for the one before.
type chain struct {
	last  atomic.Pointer[chan struct{}] // closed when the last one has left
	ended chan struct{}                 // what the one who has the turn closes
}

func (l *chain) enter(granted func()) {
	ended := make(chan struct{})
	before := l.last.Swap(&ended)
	go func() {
		if before != nil {
			<-*before
		}
		l.ended = ended
		granted()
	}()
}

func (l *chain) leave() { close(l.ended) }
