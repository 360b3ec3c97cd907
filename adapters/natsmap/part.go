package natsmap

import (
	"context"
	"errors"
	"fmt"
	"strconv"
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

	parkedMu sync.Mutex
	parked   map[string]uint64 // the keys that are parked, and where
	unfound  uint64            // where the first of them is, until findParked has found them
}

func (m *Map[T]) newPart(ctx context.Context, s *server, p int, record ownership, rev uint64) *part[T] {
	q := &part[T]{family: m.family, m: m, js: s.js, nc: s.nc, p: p, epoch: record.Epoch, s: s, lanes: lanes{of: map[string]*lane{}}, record: record, rev: rev}
	q.ctx, q.cancel = context.WithCancelCause(ctx)
	q.fed, q.stop = context.WithCancel(q.ctx)
	q.feed = &reader{js: s.js, stream: m.family.logStream(), filter: []string{m.family.partSubjects(p)}, next: record.Checkpoint + 1, ahead: 256}
	q.begun, q.window.last, q.unfound = record.Checkpoint, record.Checkpoint, record.Hold
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

// hold keeps the log from being cut at seq.
func (p *part[T]) hold(key string, seq uint64) {
	p.parkedMu.Lock()
	defer p.parkedMu.Unlock()
	if p.parked == nil {
		p.parked = map[string]uint64{}
	}
	p.parked[key] = seq
}

func (p *part[T]) release(key string) {
	p.parkedMu.Lock()
	defer p.parkedMu.Unlock()
	delete(p.parked, key)
}

// held returns the first command at which a key is parked, or 0.
func (p *part[T]) held() (seq uint64) {
	p.parkedMu.Lock()
	defer p.parkedMu.Unlock()
	seq = p.unfound
	for _, at := range p.parked {
		if seq == 0 || at < seq {
			seq = at
		}
	}
	return seq
}

// found notes that all keys are known that were parked before the ownership.
func (p *part[T]) found() {
	p.parkedMu.Lock()
	defer p.parkedMu.Unlock()
	p.unfound = 0
}

// list returns the keys of the partition in a list; see Map.subjects. It fails only if the
// ownership ends.
func (p *part[T]) list(kind string) (keys []string, err error) {
	err = p.persist(func(ctx context.Context) error {
		keys = nil
		for subject, err := range p.m.subjects(ctx, p.family.subject(kind, strconv.Itoa(p.p), "*")) {
			if err != nil {
				return err
			}
			if key, ok := keyOfSubject(subject); ok {
				keys = append(keys, key)
			}
		}
		return nil
	})
	return keys, err
}

// findParked finds the keys that were parked before. It fails only if the ownership ends.
func (p *part[T]) findParked() error {
	var revive []string
	listed, err := p.list("k")
	if err != nil {
		return err
	}
	for _, key := range listed {
		var r record
		if err := p.persist(func(ctx context.Context) (err error) { // each for itself: there may be many
			r, err = p.m.readLatest(ctx, key)
			return err
		}); err != nil {
			return err
		}
		if r.parked != nil || r.behind {
			p.hold(key, r.applied+1)
		}
		if r.behind || r.owing || p.knows(r.parked) {
			revive = append(revive, key)
		}
	}
	p.found()
	for _, key := range revive { // before the first command is read
		p.jobs.Add(1)
		p.keys.At(key).Submit(revival[T]{p})
	}
	return nil
}

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

// drain finishes what is at work, for at most the time of the lease, and hands the partition
// over: while its record names a process that lives, nobody else takes it. It gives up if ctx
// ends or another has the partition.
func (p *part[T]) drain(ctx context.Context) {
	idle := make(chan struct{})
	go func() {
		defer close(idle)
		p.halt()
		p.feeding.Wait()
		p.jobs.Wait()
	}()
	long := time.NewTimer(p.family.config.lease) // a command may be tried again for minutes
	defer long.Stop()
	select {
	case <-idle:
	case <-long.C:
	case <-ctx.Done():
	case <-p.ctx.Done():
	}
	p.end(errHandedOff) // if it has ended before, the cause stays
	<-idle
	for pause := 10 * time.Millisecond; ctx.Err() == nil && !errors.Is(context.Cause(p.ctx), ErrLost); pause = min(2*pause, time.Second) {
		attempt, cancel := context.WithTimeout(ctx, publishWait)
		err := p.checkpoint(attempt, "")
		cancel()
		if err == nil || errors.Is(err, ErrLost) {
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
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
	p.parkedMu.Lock()
	defer p.parkedMu.Unlock()
	for key, seq := range p.parked {
		held = append(held, KeyStats{Key: key, Partition: p.p, Parked: true, Seq: seq})
	}
	return of, held
}
