package kafka

import (
	"context"
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A partition is one that the consumer owns, from its assignment to its revocation or loss.
// The offsets of its records grow, but do not follow one another: there are gaps in compacted
// topics and at the ends of transactions. So it knows the records that are open, in the order
// of their offsets; all others that have arrived are done.
//
//	            committed        front                       next
//	... done ...   |  ... done ... | open, done, open, done ... |  not arrived yet
type partition struct {
	topic  string
	number int32

	// Of the handlers. It ends when the partition is given up.
	ctx    context.Context
	cancel context.CancelCauseFunc

	closed chan struct{} // closed when no handler is to start any more
	idle   chan struct{} // closed when, after that, none runs

	mu         sync.Mutex
	closing    bool  // closed is closed
	running    int   // calls of handlers
	first      *job  // the open records
	last       *job  //
	open       int   //
	next       int64 // the offset after the last record that has arrived, or -1 if none has
	epoch      int32 // of the leader that wrote that record, or -1
	arrived    uint64
	skip       *finished // what was done before and has not arrived yet, or nil
	retried    map[*job]struct{}
	high       int64 // the end of the partition when the broker was last asked, or -1
	committed  mark
	metadataIn int  // how long the metadata of a commit may be; less after the broker has refused some
	gone       bool // nothing may be committed any more
}

// A mark is what a commit says of a partition.
type mark struct {
	offset   int64 // -1 if there is no commit
	epoch    int32
	metadata string
}

// defaultMetadata is offset.metadata.max.bytes of a broker, if nobody has changed it.
const defaultMetadata = 4096

func newPartition(topic string, number int32) *partition {
	p := &partition{
		topic: topic, number: number, closed: make(chan struct{}), idle: make(chan struct{}),
		next: -1, epoch: -1, high: -1, committed: mark{offset: -1, epoch: -1}, metadataIn: defaultMetadata,
		retried: make(map[*job]struct{}),
	}
	p.ctx, p.cancel = context.WithCancelCause(context.Background())
	return p
}

// arrive notes a record, and returns false if it is done already. It is called in the order
// of the offsets.
func (p *partition) arrive(j *job) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	offset, epoch := j.record.Offset, j.record.LeaderEpoch
	p.arrived++
	j.number = p.arrived
	p.next, p.epoch = offset+1, epoch
	if p.skip != nil {
		// After the log was cut, a later leader has written other records to these places.
		if offset >= p.skip.upper || epoch > p.skip.epoch {
			p.skip = nil
		} else if p.skip.has(offset) {
			return false
		}
	}
	j.before = p.last
	if p.last == nil {
		p.first = j
	} else {
		p.last.after = j
	}
	p.last = j
	p.open++
	return true
}

// precedes reports whether a record has arrived at or after the offset: the log was cut, and
// what is known of the partition is of no use any more.
func (p *partition) precedes(offset int64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return offset < p.next
}

// enter reports whether a handler may be called for j. If so, leave must follow.
func (p *partition) enter(j *job) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closing {
		return false
	}
	j.running = true
	j.attempt++
	p.running++
	return true
}

// leave notes that a handler has returned. If done, the record is; else it has failed and will
// be tried again, unless the partition is closing.
func (p *partition) leave(j *job, done bool, err error) (again bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	j.running, j.err = false, err
	p.running--
	if done {
		p.remove(j)
		if j.attempt > 1 {
			delete(p.retried, j)
		}
	} else {
		p.retried[j] = struct{}{}
	}
	if p.closing && p.running == 0 {
		close(p.idle)
	}
	return !done && !p.closing
}

// remove takes j from the open records.
func (p *partition) remove(j *job) {
	if j.before == nil {
		p.first = j.after
	} else {
		j.before.after = j.after
	}
	if j.after == nil {
		p.last = j.before
	} else {
		j.after.before = j.before
	}
	j.before, j.after = nil, nil
	p.open--
}

// close makes sure that no handler is started any more, and returns how many records will not
// be handled therefore, and their size. They stay open.
func (p *partition) close() (records int, bytes int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closing {
		return 0, 0
	}
	p.closing = true
	close(p.closed)
	if p.running == 0 {
		close(p.idle)
	}
	for j := p.first; j != nil; j = j.after {
		if !j.running {
			records, bytes = records+1, bytes+j.size
			j.record = &kgo.Record{Offset: j.record.Offset, LeaderEpoch: j.record.LeaderEpoch} // nobody needs the rest
		}
	}
	return records, bytes
}

// state returns what a commit of now would say.
func (p *partition) state() finished {
	f := finished{base: p.next, upper: p.next, epoch: p.epoch}
	for j := p.first; j != nil; j = j.after {
		f.open = append(f.open, j.record.Offset)
	}
	if p.skip != nil && p.skip.upper > p.next {
		f.upper, f.epoch, f.base = p.skip.upper, p.skip.epoch, p.skip.upper
		for _, o := range p.skip.open {
			if o >= p.next {
				f.open = append(f.open, o)
			}
		}
	}
	if len(f.open) > 0 {
		f.base = f.open[0]
	}
	return f
}

// progress returns what is to be committed, if that is not what is committed already.
func (p *partition) progress(plain bool) (m mark, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone || p.next < 0 {
		return mark{}, false
	}
	f := p.state()
	m = mark{offset: f.base, epoch: -1}
	if p.first != nil && p.first.record.Offset == f.base {
		m.epoch = p.first.record.LeaderEpoch // the record before it has this one or an earlier one
	} else if f.base == p.next {
		m.epoch = p.epoch
	}
	if !plain && p.beyond() > 0 && len(f.open) > 0 {
		m.metadata = f.metadata(p.metadataIn)
	}
	return m, m != p.committed
}

// beyond returns how many records are known to be done that come after one that is open. What
// a former owner has done counts as one record when it has not arrived.
func (p *partition) beyond() int {
	n := 0
	if p.skip != nil && len(p.skip.open) > 0 {
		n = 1
	}
	if p.first != nil {
		n += int(p.arrived-p.first.number+1) - p.open
		if p.skip != nil {
			n++
		}
	}
	return n
}

// saved notes the result of a commit.
func (p *partition) saved(m mark) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.committed = m
}

// refusedMetadata makes the metadata of the next commits smaller.
func (p *partition) refusedMetadata() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.metadataIn /= 4
}

// end ends the contexts of the handlers, and makes sure that nothing is committed any more.
func (p *partition) end(cause error) {
	p.cancel(cause)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gone = true
}

// wait waits until no handler runs, and returns how many still do when limit is closed.
func (p *partition) wait(limit <-chan struct{}) (left int) {
	select {
	case <-p.idle:
		return 0
	case <-limit:
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.running
	}
}
