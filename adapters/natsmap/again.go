package natsmap

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

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
