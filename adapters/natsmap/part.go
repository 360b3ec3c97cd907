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
	m      *Map[T]
	js     jetstream.JetStream // on the connection of Serve
	nc     *nats.Conn
	p      int
	room   chan struct{} // of the process; see Running

	ctx     context.Context // ends with the ownership
	cancel  context.CancelCauseFunc
	keys    *desync.Map[string, *entry[T]]
	begun   uint64 // the checkpoint at the beginning
	window  window
	jobs    sync.WaitGroup           // commands that were handed to their keys
	feed    jetstream.ConsumeContext // nil if the ownership ended before it began
	started chan struct{}            // closed when feed is set
	keeping atomic.Bool              // keep runs
	kept    time.Time                // owned by keep

	mu     sync.Mutex // of writing the record
	record ownership
	rev    uint64

	parkedMu sync.Mutex
	parked   map[string]uint64 // the keys that are parked, and where
}

func (m *Map[T]) newPart(ctx context.Context, s *server, p int, record ownership, rev uint64) *part[T] {
	q := &part[T]{family: m.family, m: m, js: s.js, nc: s.nc, p: p, room: s.room, record: record, rev: rev, started: make(chan struct{})}
	q.ctx, q.cancel = context.WithCancelCause(ctx)
	q.begun, q.window.last = record.Checkpoint, record.Checkpoint
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
	for _, at := range p.parked {
		if seq == 0 || at < seq {
			seq = at
		}
	}
	return seq
}

// findParked finds the keys that were parked before.
func (p *part[T]) findParked(ctx context.Context) error {
	var revive []string
	for subject, err := range p.m.subjects(ctx, p.family.subject("k", strconv.Itoa(p.p), "*")) {
		if err != nil {
			return err
		}
		key, ok := keyOfSubject(subject)
		if !ok {
			continue
		}
		r, err := p.m.read(ctx, key)
		if err != nil {
			return err
		}
		if r.parked != nil || r.behind {
			p.hold(key, r.applied+1)
		}
		if r.behind || p.knows(r.parked) {
			revive = append(revive, key)
		}
	}
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

// start begins to read the partition's commands, unless the ownership ends before.
func (p *part[T]) start() {
	defer close(p.started)
	if p.persist(p.findParked) != nil {
		return
	}
	_ = p.persist(func(ctx context.Context) error {
		c, err := p.js.OrderedConsumer(ctx, p.family.logStream(), jetstream.OrderedConsumerConfig{
			FilterSubjects: []string{p.family.subject("c", strconv.Itoa(p.p), "*")},
			DeliverPolicy:  jetstream.DeliverByStartSequencePolicy,
			OptStartSeq:    p.begun + 1,
		})
		if err != nil {
			return err
		}
		feed, err := c.Consume(p.take, jetstream.PullExpiry(5*time.Second), jetstream.PullHeartbeat(time.Second), jetstream.PullMaxMessages(256))
		if err == nil {
			p.feed = feed
		}
		return err
	})
}

// take hands a command to its key. It waits for room, and so stops the flow of commands. Calls
// come one after the other, in the order of the log.
func (p *part[T]) take(msg jetstream.Msg) {
	meta, err := msg.Metadata()
	if err != nil {
		return
	}
	select {
	case p.room <- struct{}{}:
	case <-p.ctx.Done():
		return
	}
	h, seq := msg.Headers(), meta.Sequence.Stream
	p.window.add(seq)
	w := newWork(seq, h, msg.Data())
	w.window, w.room = &p.window, p.room
	key, ok := keyOfSubject(msg.Subject())
	if !ok || checkKey(key) != nil {
		w.leave(true) // not written by this package
		return
	}
	p.jobs.Add(1)
	p.keys.At(key).Submit(&job[T]{p.keys.At(key), w, p})
}

// A job is a command in the queue of its key.
type job[T any] struct {
	key  desync.Key[string, *entry[T]]
	work *work
	part *part[T]
}

func (j *job[T]) Run(e **entry[T]) {
	if j.part.ctx.Err() != nil {
		return // the next owner runs it
	}
	(*e).step(j.work, func() bool { return j.key.Pending() > 1 })
}

// Ended is also called if the entry could not be made, because the ownership has ended.
func (j *job[T]) Ended(error) {
	if j.part.ctx.Err() != nil {
		j.work.leave(false)
	}
	j.part.jobs.Done()
}

// Func says what runs, to observers.
func (j *job[T]) Func() any { return j.part.family.commands[j.work.command] }

// answer sends a result to who waits for it. It may be lost: the caller looks for it then.
func (p *part[T]) answer(reply string, res result) {
	if reply == "" {
		return
	}
	msg := &nats.Msg{Subject: reply, Header: nats.Header{}, Data: res.Out}
	msg.Header.Set(headerID, res.ID)
	switch {
	case res.Parked != nil:
		msg.Header.Set(headerOutcome, outcomeParked)
		msg.Data = []byte(jsonOf(res.Parked))
	case res.Failed:
		msg.Header.Set(headerOutcome, outcomeRefused)
		msg.Data = []byte(res.Refused)
	default:
		msg.Header.Set(headerOutcome, outcomeOK)
	}
	_ = p.nc.PublishMsg(msg)
}

// checkpoint saves how far the partition is, and who has it from now on. An error that is
// ErrLost says that another has it.
func (p *part[T]) checkpoint(ctx context.Context, owner string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	next := p.record
	next.Owner = owner
	next.Checkpoint, _ = p.window.front()
	next.Hold = p.held()
	if next == p.record {
		return nil
	}
	rev, err := writeOwnership(ctx, p.js, p.family, p.p, next, p.rev)
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
	return err
}

// follow moves the checkpoint of a partition that has nothing to do: else the log could not be
// cut.
func (p *part[T]) follow(ctx context.Context, end uint64) error {
	before, open := p.window.front()
	if open > 0 || end <= before {
		return nil
	}
	log, err := p.js.Stream(ctx, p.family.logStream())
	if err != nil {
		return err
	}
	last, err := log.GetLastMsgForSubject(ctx, p.family.subject("c", strconv.Itoa(p.p), "*"))
	switch {
	case errors.Is(err, jetstream.ErrMsgNotFound):
		p.window.idleAt(end)
	case err == nil && last.Sequence <= before:
		p.window.idleAt(end)
	}
	return nil
}

// keep saves the checkpoint. end was the last command of the log a moment ago.
func (p *part[T]) keep(ctx context.Context, owner string, end uint64) {
	attempt, cancel := context.WithTimeout(ctx, publishWait)
	defer cancel()
	if p.kept.IsZero() || time.Since(p.kept) >= keepEach {
		p.kept = time.Now()
		_ = p.follow(attempt, end) // it may stay where it is
		if errors.Is(p.checkpoint(attempt, owner), ErrLost) {
			p.cancel(ErrLost)
		}
	}
}

const keepEach = time.Second

// drain finishes what is at work, and lets go of the partition.
func (p *part[T]) drain(ctx context.Context) {
	idle := make(chan struct{})
	go func() {
		defer close(idle)
		p.stop()
		p.jobs.Wait()
	}()
	select {
	case <-idle:
		for ctx.Err() == nil && p.ctx.Err() == nil {
			attempt, cancel := context.WithTimeout(ctx, publishWait)
			err := p.checkpoint(attempt, "")
			cancel()
			if err == nil || errors.Is(err, ErrLost) {
				break
			}
		}
	case <-ctx.Done():
	case <-p.ctx.Done():
	}
	p.end(errHandedOff)
	<-idle
}

// stop ends the flow of commands. None comes after it.
func (p *part[T]) stop() {
	<-p.started
	if p.feed != nil {
		p.feed.Stop()
		<-p.feed.Closed()
	}
}

// end ends the ownership at once, and waits until nothing of it runs.
func (p *part[T]) end(why error) {
	p.cancel(why)
	p.stop()
	p.jobs.Wait()
	p.keys.EvictIdle(0)
}

func (p *part[T]) stats() PartitionStats {
	p.mu.Lock()
	epoch := p.record.Epoch
	p.mu.Unlock()
	checkpoint, open := p.window.front()
	return PartitionStats{Partition: p.p, Epoch: epoch, Checkpoint: checkpoint, Open: open, Keys: p.keys.Len()}
}
