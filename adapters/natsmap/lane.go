package natsmap

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// lanes knows of each key how many of its commands are in memory, and which keys are behind:
// those that had too many. What comes for such a key is passed over, so that the others go on,
// and is read again, for this key alone.
type lanes struct {
	mu   sync.Mutex
	of   map[string]*lane
	room int // that commands of the partition take
}

// A lane is what is known of a key that has commands in memory, or is behind.
type lane struct {
	queued int           // commands that its object has
	room   int           // how many of them take room; see Running
	last   uint64        // the last of them
	moved  chan struct{} // of one: a command has ended
	held   time.Duration // how long the others have waited for this key, since it had no commands
	lag    *lag
}

// A lag says that a key is behind.
type lag struct {
	first  uint64        // all commands of the key before it are saved, or are in the window
	last   uint64        // the last that was passed over
	passed uint64        // how many were passed over and are not saved
	moved  chan struct{} // something has changed: a command has ended, or was passed over
}

// perKey is how many commands of a key may be in memory before they are passed over.
const perKey = 128

// A key that has as many holds up the others, in the hope that it goes on, until it has not
// moved for patience, or has done so for long since it had no commands. To read it again costs
// more.
const (
	patience     = 50 * time.Millisecond
	mostPatience = 500 * time.Millisecond
)

// manyAgain is how many keys may be read again at once.
const manyAgain = 16

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// admit reports whether a command is to be handed to its key. If not, it is read again later.
// It waits for a moment if the key has many.
func (p *part[T]) admit(key string, seq uint64) (l *lane, admitted bool) {
	for patient := true; ; {
		l, admitted, wait := p.tryAdmit(key, seq, patient)
		if !wait {
			return l, admitted
		}
		begun := time.Now()
		select {
		case <-l.moved:
		case <-p.fed.Done():
			patient = false
		case <-time.After(patience):
			patient = false
		}
		l.held += time.Since(begun) // only the flow of the partition does this
		patient = patient && l.held < mostPatience
	}
}

func (p *part[T]) tryAdmit(key string, seq uint64, patient bool) (l *lane, admitted, wait bool) {
	p.lanes.mu.Lock()
	defer p.lanes.mu.Unlock()
	if l = p.lanes.of[key]; l == nil {
		l = &lane{moved: make(chan struct{}, 1)}
		p.lanes.of[key] = l
	}
	switch {
	case l.lag != nil:
		l.lag.last = seq
		l.lag.passed++
		signal(l.lag.moved)
		return l, false, false
	case l.queued < perKey:
		l.queued++
		l.last = seq
		return l, true, false
	case patient:
		return l, false, true
	}
	p.fallBehind(key, l)
	l.lag.last, l.lag.passed = seq, 1
	return l, false, false
}

// fallBehind makes a key one that is behind. Its commands take room no more: there are few. mu is
// locked.
func (p *part[T]) fallBehind(key string, l *lane) {
	g := &lag{first: l.last + 1, last: l.last, moved: make(chan struct{}, 1)}
	l.lag = g
	for ; l.room > 0; l.room-- {
		p.lanes.room--
		<-p.s.room
	}
	p.feeding.Go(func() { p.readAgain(key, l, g) })
}

// enter waits until there is room for a command of a key, and returns a function that is called
// when the command does not need it any more. It returns nil if the flow of commands has to end.
func (p *part[T]) enter(l *lane) (leave func()) {
	long := time.NewTimer(relieveAfter)
	defer long.Stop()
	for entered := false; !entered; {
		select {
		case p.s.room <- struct{}{}:
			entered = true
		case <-p.fed.Done():
			return nil
		case <-long.C:
			p.s.relieve()
			long.Reset(relieveAfter)
		}
	}
	p.lanes.mu.Lock()
	defer p.lanes.mu.Unlock()
	l.room++
	p.lanes.room++
	return func() {
		p.lanes.mu.Lock()
		defer p.lanes.mu.Unlock()
		if l.room > 0 {
			l.room--
			p.lanes.room--
			<-p.s.room
		}
	}
}

// relieveAfter is how long a process may have no room until the key that takes most is behind.
const relieveAfter = 100 * time.Millisecond

// most returns how much room one key takes at most, and a function that makes that key one that
// is behind.
func (p *part[T]) most() (room int, relieve func()) {
	p.lanes.mu.Lock()
	defer p.lanes.mu.Unlock()
	var of string
	for key, l := range p.lanes.of {
		if l.lag == nil && l.room > room {
			of, room = key, l.room
		}
	}
	return room, func() {
		p.lanes.mu.Lock()
		defer p.lanes.mu.Unlock()
		if l := p.lanes.of[of]; l != nil && l.lag == nil && l.room > 1 && p.fed.Err() == nil {
			p.fallBehind(of, l)
		}
	}
}

// dismiss notes that the job of a command has ended.
func (p *part[T]) dismiss(key string) {
	p.lanes.mu.Lock()
	defer p.lanes.mu.Unlock()
	l := p.lanes.of[key]
	l.queued--
	signal(l.moved)
	switch {
	case l.lag != nil:
		signal(l.lag.moved)
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

// readAgain reads the commands of a key that is behind and hands them to it, until it is not
// behind any more or the flow has to end.
func (p *part[T]) readAgain(key string, l *lane, g *lag) {
	r := &reader{js: p.js, stream: p.family.logStream(), filter: []string{p.family.keySubjects(key)}, next: g.first, ahead: perKey}
	reading := false
	rest := func() {
		if reading {
			r.close()
			<-p.s.rereads
			reading = false
		}
	}
	defer rest()
	for p.fed.Err() == nil {
		wanted, ended := p.wants(key, l, r.next)
		switch {
		case ended:
			return
		case !wanted:
			select {
			case <-g.moved:
				continue
			case <-p.fed.Done():
				return
			case <-time.After(restAfter): // let another key be read
			}
			rest()
			select {
			case <-g.moved:
			case <-p.fed.Done():
			}
		case !reading:
			select {
			case p.s.rereads <- struct{}{}:
				reading = true
			case <-p.fed.Done():
			}
		default:
			p.readOne(key, l, g, r)
		}
	}
}

// restAfter is how long a key that cannot go on keeps others from being read again.
const restAfter = 100 * time.Millisecond

// wants reports whether a command of a key that is behind is to be read. If all were read and
// have run, the key is not behind any more.
func (p *part[T]) wants(key string, l *lane, next uint64) (wanted, ended bool) {
	p.lanes.mu.Lock()
	defer p.lanes.mu.Unlock()
	passed := next <= l.lag.last
	if !passed && l.queued == 0 {
		l.lag = nil
		delete(p.lanes.of, key)
		return false, true
	}
	return passed && l.queued < perKey, false
}

// readOne reads a command and hands it to its key.
func (p *part[T]) readOne(key string, l *lane, g *lag, r *reader) {
	ctx, cancel := context.WithTimeout(p.fed, publishWait)
	defer cancel()
	msg, meta, err := r.read(ctx)
	if err != nil {
		if p.goneFrom(r) { // somebody has removed what was passed over
			p.lanes.mu.Lock()
			r.next = max(r.next, g.last+1)
			p.lanes.mu.Unlock()
		}
		return
	}
	seq := meta.Sequence.Stream
	w := p.newWork(seq, msg.Subject(), msg.Headers(), msg.Data())
	w.passed = func() {
		p.lanes.mu.Lock()
		defer p.lanes.mu.Unlock()
		g.first = seq + 1
		g.passed -= min(g.passed, 1)
	}
	p.lanes.mu.Lock()
	l.queued++
	p.lanes.mu.Unlock()
	p.submit(key, w)
}

// goneFrom reports whether the log has no more messages for a reader.
func (p *part[T]) goneFrom(r *reader) bool {
	ctx, cancel := context.WithTimeout(p.fed, publishWait)
	defer cancel()
	log, err := p.js.Stream(ctx, r.stream)
	if err != nil {
		return false
	}
	_, err = log.GetMsg(ctx, r.next, jetstream.WithGetMsgSubject(r.filter[0]))
	return errors.Is(err, jetstream.ErrMsgNotFound)
}
