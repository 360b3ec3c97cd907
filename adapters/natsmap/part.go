package natsmap

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/go-desync/go-desync/desync"
)

// A part is a partition while this process owns it.
type part[T any] struct {
	family *Family[T]
	s      *server
	m      *Map[T]
	js     jetstream.JetStream // on the connection of Serve
	nc     *nats.Conn
	p      int
	epoch  uint64

	ctx     context.Context // ends with the ownership
	cancel  context.CancelCauseFunc
	keys    *desync.Map[string, *entry[T]]
	begun   uint64 // the checkpoint at the beginning
	window  window
	jobs    sync.WaitGroup     // commands that were handed to their keys
	fed     context.Context    // ends when no more commands are to be read
	stop    context.CancelFunc // of fed
	feed    *reader
	feeding sync.WaitGroup // whoever reads commands
	lanes   lanes
	keeping atomic.Bool // keep runs
	kept    time.Time   // owned by keep
	seen    uint64      // the last command that has come; with its time owned by keep
	seenAt  time.Time
	waiting atomic.Uint64 // commands of the log that have not come, as of the last one that has
	removed atomic.Uint64 // the last command that a Delete has removed

	mu     sync.Mutex // of writing the record
	record ownership
	rev    uint64

	graves graves
	holds  holds
}

func (m *Map[T]) newPart(ctx context.Context, s *server, p int, record ownership, rev uint64) *part[T] {
	q := &part[T]{family: m.family, m: m, js: s.js, nc: s.nc, p: p, epoch: record.Epoch, s: s, lanes: lanes{of: map[string]*lane{}}, record: record, rev: rev}
	q.ctx, q.cancel = context.WithCancelCause(ctx)
	q.fed, q.stop = context.WithCancel(q.ctx)
	q.feed = &reader{js: s.js, stream: m.family.logStream(), filter: []string{m.family.partSubjects(p)}, next: record.Checkpoint + 1, ahead: 256}
	q.begun, q.window.last, q.holds.before = record.Checkpoint, record.Checkpoint, record.Hold
	opts := []desync.Option{desync.WithName(m.family.name)}
	for _, o := range m.family.config.observers {
		opts = append(opts, desync.WithObserver(o))
	}
	q.keys = desync.NewMapContext(func(_ context.Context, key string) (*entry[T], error) { return q.load(key) }, func(string, error) {}, opts...)
	q.keys.EvictIdle(keptIdle)
	return q
}

// keptIdle is for how long the state of a key that has no command stays in memory.
const keptIdle = 10 * time.Second

// persist calls f until it returns nil or the ownership has ended, and returns why it has.
func (p *part[T]) persist(f func(ctx context.Context) error) error {
	for pause := 10 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		ctx, cancel := context.WithTimeout(p.ctx, publishWait)
		err := f(ctx)
		cancel()
		if err == nil {
			return nil
		}
		select {
		case <-p.ctx.Done():
			return fmt.Errorf("natsmap: %w: %w", context.Cause(p.ctx), desync.ErrNotRun)
		case <-time.After(pause):
		}
	}
}

// checkpoint saves how far the partition is, and who has it from now on. An error that is
// ErrLost says that another has it. Once the partition is handed over, nothing is written.
func (p *part[T]) checkpoint(ctx context.Context, owner string) error {
	_, err := p.write(ctx, owner, false)
	return err
}

// write is checkpoint that returns the sequence of the record. If always is true, the record is
// written also if it is the same: whatever has a higher sequence came later than the call.
func (p *part[T]) write(ctx context.Context, owner string, always bool) (rev uint64, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.record.Owner == "" {
		return p.rev, nil // handed over: a keep that comes late must not take it back
	}
	next := p.record
	next.Owner = owner
	next.Checkpoint, _ = p.front()
	next.Hold = p.holds.first()
	next.Removed = max(next.Removed, p.removed.Load())
	if next == p.record && !always {
		return p.rev, nil
	}
	rev, err = writeOwnership(ctx, p.js, p.family, p.p, next, p.rev)
	if errors.Is(err, ErrLost) {
		// Perhaps it is our own, of an attempt whose end was not known.
		var o owned
		if o, err = p.m.readOwnership(ctx, p.p); err == nil && o.Owner == p.record.Owner && o.Epoch == p.record.Epoch {
			p.record, p.rev = o.ownership, o.rev
			rev, err = writeOwnership(ctx, p.js, p.family, p.p, next, p.rev)
		} else if err == nil {
			err = fmt.Errorf("natsmap: %w", ErrLost)
		}
	}
	if err == nil {
		p.record, p.rev = next, rev
	}
	return p.rev, err
}

// halt ends the flow of commands. With mu locked, since no key falls behind after it.
func (p *part[T]) halt() {
	p.lanes.mu.Lock()
	defer p.lanes.mu.Unlock()
	p.stop()
}

// end ends the ownership at once, and waits until nothing of it runs.
func (p *part[T]) end(why error) {
	p.cancel(why)
	p.halt()
	p.feeding.Wait()
	p.jobs.Wait()
	p.keys.EvictIdle(0)
	p.lanes.mu.Lock()
	defer p.lanes.mu.Unlock()
	for ; p.lanes.room > 0; p.lanes.room-- { // of commands that have run and were not saved
		<-p.s.room
	}
}

func (p *part[T]) stats() (of PartitionStats, held []KeyStats) {
	of = PartitionStats{Partition: p.p, Epoch: p.epoch, Keys: p.keys.Len()}
	of.Checkpoint, of.Open = p.front()
	of.Lag = uint64(of.Open) + p.waiting.Load()
	p.lanes.mu.Lock()
	for key, l := range p.lanes.of {
		if l.lag != nil {
			held = append(held, KeyStats{Key: key, Partition: p.p, Seq: l.lag.first, Queued: l.queued})
			of.Lag += l.lag.passed
		}
	}
	p.lanes.mu.Unlock()
	for key, seq := range p.holds.all() {
		held = append(held, KeyStats{Key: key, Partition: p.p, Parked: true, Seq: seq})
	}
	return of, held
}
