package natsmap

import "sync"

// lanes knows of each key how many of its commands are in memory, and which keys are behind:
// those that had too many. What comes for such a key is passed over, so that the others go on,
// and is read again, for this key alone.
type lanes struct {
	mu sync.Mutex
	of map[string]*lane
}

// A lane is what is known of a key that has commands in memory, or is behind.
type lane struct {
	queued int // commands that its object has
	lag    *lag
}

// A lag says that a key is behind.
type lag struct {
	first uint64        // all commands of the key before it are saved, or are in the window
	last  uint64        // the last that was passed over
	moved chan struct{} // something has changed: a command has ended, or was passed over
}

// perKey is how many commands of a key may be in memory before they are passed over.
const perKey = 32

// manyAgain is how many keys may be read again at once.
const manyAgain = 64

func (g *lag) signal() {
	select {
	case g.moved <- struct{}{}:
	default:
	}
}

// admit reports whether a command is to be handed to its key. If not, it is read again later.
func (p *part[T]) admit(key string, seq uint64) bool {
	p.lanes.mu.Lock()
	defer p.lanes.mu.Unlock()
	l := p.lanes.of[key]
	if l == nil {
		l = &lane{}
		p.lanes.of[key] = l
	}
	switch {
	case l.lag != nil:
		l.lag.last = seq
		l.lag.signal()
		return false
	case l.queued >= perKey:
		l.lag = &lag{first: seq, last: seq, moved: make(chan struct{}, 1)}
		p.feeding.Go(func() { p.readAgain(key, l, l.lag) })
		return false
	}
	l.queued++
	return true
}

// dismiss notes that the job of a command has ended.
func (p *part[T]) dismiss(key string) {
	p.lanes.mu.Lock()
	defer p.lanes.mu.Unlock()
	l := p.lanes.of[key]
	l.queued--
	switch {
	case l.lag != nil:
		l.lag.signal()
	case l.queued == 0:
		delete(p.lanes.of, key)
	}
}

// front returns the checkpoint: the last command that has none before it, nor is one itself,
// that is not saved. It also returns how many commands are open in the window.
func (p *part[T]) front() (seq uint64, open int) {
	seq, open = p.window.front() // before the lanes: the window passes a command after its lag is known
	p.lanes.mu.Lock()
	defer p.lanes.mu.Unlock()
	for _, l := range p.lanes.of {
		if l.lag != nil {
			seq = min(seq, l.lag.first-1)
		}
	}
	return seq, open
}
