package natsmap

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Serve runs the commands of this process's share of the partitions, beside the other
// processes that serve the family, until ctx ends. Then it finishes what is at work, for at
// most the time of the lease, hands its partitions over, and returns nil. It returns an error
// if it cannot begin, or if it is called while it runs.
//
// Serve runs commands on goroutines of its own. When it returns, none is left.
func (m *Map[T]) Serve(ctx context.Context) error {
	if !m.serving.busy.CompareAndSwap(false, true) {
		return fmt.Errorf("natsmap: serve %s: this Map serves already", m.family.name)
	}
	defer m.serving.busy.Store(false)
	nc, err := m.nc.Opts.Connect()
	if err != nil {
		return fmt.Errorf("natsmap: serve %s: %w", m.family.name, err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		return fmt.Errorf("natsmap: serve %s: %w", m.family.name, err)
	}
	s := &server{nc: nc, js: js, room: make(chan struct{}, m.family.config.running)}
	l := &loop[T]{m: m, s: s, alive: map[string]sign{}, owners: map[int]owned{}, parts: map[int]*part[T]{}, wake: make(chan struct{}, 1), log: logView{changed: make(chan error, 1)}}
	return l.run(ctx)
}

// A sign of life of a process.
type sign struct {
	heard   time.Time // by the clock of this process
	version int
}

// A loop takes and gives partitions. Nobody coordinates the processes: each computes from the
// same signs of life which partitions are its own. If two are of another opinion for a while,
// the record of the partition decides, and the state of each key refuses whoever is behind.
type loop[T any] struct {
	m *Map[T]
	s *server

	mu     sync.Mutex
	alive  map[string]sign
	owners map[int]owned
	wake   chan struct{} // something of these has changed

	parts   map[int]*part[T] // those of this process; owned by run
	ending  sync.Map         // of int: partitions that are handed over now
	log     logView
	cutting atomic.Bool
	below   uint64 // the log was cut there; owned by run
	working sync.WaitGroup
}

func (l *loop[T]) run(ctx context.Context) error {
	f := l.m.family
	work, stop := context.WithCancel(context.WithoutCancel(ctx)) // it ends after ctx
	defer stop()
	watch, err := l.watch(ctx)
	for passing(err) && pause(ctx) {
		watch, err = l.watch(ctx)
	}
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return fmt.Errorf("natsmap: serve %s: %w", f.name, err)
	}
	defer func() {
		watch.Stop()
		<-watch.Closed()
	}()
	var beats sync.WaitGroup
	defer beats.Wait()
	beating, stopBeating := context.WithCancel(work)
	defer stopBeating()
	beats.Go(func() { l.beat(beating) })
	tick := time.NewTicker(f.config.lease / 10)
	defer tick.Stop()
	for ctx.Err() == nil && err == nil {
		select {
		case <-ctx.Done():
		case err = <-l.log.changed:
		case <-tick.C:
			l.look(work)
		case <-l.wake:
			l.look(work)
		}
	}
	l.leave(work)
	return err
}

// passing reports whether an error is one of servers that have no leader for the moment.
func passing(err error) bool {
	if api, ok := errors.AsType[*jetstream.APIError](err); ok {
		return api.Code == 503
	}
	for _, e := range []error{context.DeadlineExceeded, nats.ErrTimeout, nats.ErrNoResponders, nats.ErrDisconnected} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// pause waits for a moment, and reports whether ctx goes on.
func pause(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(publishRest):
		return true
	}
}

// leave hands all partitions over.
func (l *loop[T]) leave(work context.Context) {
	ctx, cancel := context.WithTimeout(work, l.m.family.config.lease)
	defer cancel()
	for n := range l.parts {
		l.let(n, func(p *part[T]) { p.drain(ctx) })
	}
	l.working.Wait()
	_, _ = l.s.js.Publish(ctx, l.m.family.subject("h", l.m.self), nil) // others need not wait for the lease
}

// watch follows the records of the partitions and the signs of life of all processes.
func (l *loop[T]) watch(ctx context.Context) (jetstream.ConsumeContext, error) {
	f := l.m.family
	ctx, cancel := context.WithTimeout(ctx, publishWait)
	defer cancel()
	c, err := l.s.js.OrderedConsumer(ctx, f.stateStream(), jetstream.OrderedConsumerConfig{
		FilterSubjects: []string{f.subject("o", "*"), f.subject("h", "*")},
		DeliverPolicy:  jetstream.DeliverLastPerSubjectPolicy,
	})
	if err != nil {
		return nil, err
	}
	return c.Consume(func(msg jetstream.Msg) {
		meta, err := msg.Metadata()
		if err != nil {
			return
		}
		rest := strings.TrimPrefix(msg.Subject(), f.name+".")
		kind, name, _ := strings.Cut(rest, ".")
		l.mu.Lock()
		defer l.mu.Unlock()
		switch kind {
		case "h":
			if len(msg.Data()) == 0 {
				delete(l.alive, name)
			} else {
				_, known := l.alive[name]
				version, _ := strconv.Atoi(string(msg.Data()))
				l.alive[name] = sign{time.Now(), max(version, 1)}
				if known {
					return
				}
			}
		case "o":
			p, err := strconv.Atoi(name)
			o := owned{rev: meta.Sequence.Stream}
			if err != nil || json.Unmarshal(msg.Data(), &o.ownership) != nil {
				return
			}
			l.owners[p] = o
		}
		select {
		case l.wake <- struct{}{}:
		default:
		}
	}, jetstream.PullExpiry(5*time.Second), jetstream.PullHeartbeat(time.Second))
}

// beat writes signs of life, five in a lease.
func (l *loop[T]) beat(ctx context.Context) {
	lease := l.m.family.config.lease
	tick := time.NewTicker(lease / 5)
	defer tick.Stop()
	for ctx.Err() == nil {
		begun := time.Now()
		attempt, cancel := context.WithTimeout(ctx, lease/2)
		_, err := l.s.js.Publish(attempt, l.m.family.subject("h", l.m.self), []byte(strconv.Itoa(l.m.family.config.version)))
		cancel()
		if err == nil {
			l.s.mu.Lock()
			if l.s.since.IsZero() || begun.Sub(l.s.beat) > lease {
				l.s.since = begun
			}
			l.s.beat = begun
			l.s.mu.Unlock()
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}

// look compares what this process has with what it should have.
func (l *loop[T]) look(ctx context.Context) {
	f := l.m.family
	last, since := l.s.heard()
	now := time.Now()
	if last.IsZero() || now.Sub(last) > f.config.lease {
		// Others have taken the partitions, or may at any moment.
		l.lose(ErrSilent)
		return
	}
	l.seeLog(ctx)
	l.mu.Lock()
	live := map[string]int{l.m.self: f.config.version}
	for name, s := range l.alive {
		// While this process itself was not heard, it has not heard others either.
		if now.Sub(later(s.heard, since)) <= f.config.lease {
			live[name] = s.version
		}
	}
	owners := make(map[int]owned, len(l.owners))
	for p, o := range l.owners {
		owners[p] = o
	}
	l.mu.Unlock()
	for n := range f.config.partitions {
		p, o := l.parts[n], owners[n]
		mine := o.Version <= f.config.version && ownerOf(atLeast(live, o.Version), n) == l.m.self
		switch {
		case p != nil && (p.ctx.Err() != nil || p.overtaken(o)):
			l.release(n, ErrLost)
		case p != nil && !mine:
			l.let(n, func(p *part[T]) { p.drain(ctx) })
		case p == nil && mine && (o.Owner == "" || o.Owner == l.m.self || live[o.Owner] == 0):
			if _, ending := l.ending.Load(n); !ending {
				l.take(ctx, n, o)
			}
		}
	}
	l.keep(ctx)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// atLeast returns the processes of a version, or of a newer one.
func atLeast(live map[string]int, version int) (names []string) {
	for name, v := range live {
		if v >= version {
			names = append(names, name)
		}
	}
	return names
}

// ownerOf returns which of the processes has a partition: by rendezvous hashing, so that one
// that comes or goes moves only its own.
func ownerOf(live []string, p int) (owner string) {
	best := uint64(0)
	for _, name := range live {
		h := fnv.New64a()
		h.Write([]byte(name))
		h.Write([]byte{0, byte(p), byte(p >> 8)})
		if v := mix(h.Sum64()); owner == "" || v > best || v == best && name > owner {
			owner, best = name, v
		}
	}
	return owner
}

// mix spreads a hash, since FNV changes few of the high bits for the last bytes; it is the end
// of MurmurHash3.
func mix(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// overtaken reports whether another process has taken the partition.
func (p *part[T]) overtaken(o owned) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return o.Epoch > p.record.Epoch
}

// let lets go of a partition; end ends it.
func (l *loop[T]) let(n int, end func(p *part[T])) {
	p := l.parts[n]
	delete(l.parts, n)
	l.ending.Store(n, true)
	l.working.Go(func() {
		end(p)
		l.m.serving.has(n, nil)
		l.ending.Delete(n)
	})
}

// release lets go of a partition at once.
func (l *loop[T]) release(n int, why error) { l.let(n, func(p *part[T]) { p.end(why) }) }

// lose lets go of all partitions at once.
func (l *loop[T]) lose(why error) {
	for n := range l.parts {
		l.release(n, why)
	}
}

// take takes a partition that nobody has.
func (l *loop[T]) take(ctx context.Context, n int, o owned) {
	end, made, known := l.log.seen()
	if !known {
		return // the next look
	}
	if o.check(end, made, n) != nil { // it may have grown since
		log, err := l.s.stream(ctx, l.m.family.logStream())
		if err != nil {
			return
		}
		made = log.Created.UnixNano()
		if err := o.check(log.State.LastSeq, made, n); err != nil {
			err.Family = l.m.family.name
			l.log.report(err)
			return
		}
	}
	attempt, cancel := context.WithTimeout(ctx, publishWait)
	defer cancel()
	next := ownership{l.m.self, o.Epoch + 1, o.Checkpoint, max(o.Version, l.m.family.config.version), o.Hold, made}
	rev, err := writeOwnership(attempt, l.s.js, l.m.family, n, next, o.rev)
	if err != nil {
		return // somebody was faster, or the server does not answer; the next look tells
	}
	l.mu.Lock()
	if l.owners[n].rev < rev {
		l.owners[n] = owned{next, rev}
	}
	l.mu.Unlock()
	p := l.m.newPart(ctx, l.s, n, next, rev)
	l.parts[n] = p
	l.m.serving.has(n, p.stats)
	l.working.Go(p.start)
}

// keep saves the checkpoints, and cuts the log below the lowest.
func (l *loop[T]) keep(ctx context.Context) {
	end, _, known := l.log.seen()
	if !known {
		return
	}
	for _, p := range l.parts {
		if p.keeping.CompareAndSwap(false, true) {
			l.working.Go(func() {
				defer p.keeping.Store(false)
				p.keep(ctx, l.m.self, end)
			})
		}
	}
	l.cut(ctx)
}

// cut removes what all partitions have behind them from the log. Whoever has the first
// partition does it.
func (l *loop[T]) cut(ctx context.Context) {
	if l.parts[0] == nil || !l.cutting.CompareAndSwap(false, true) {
		return
	}
	l.mu.Lock()
	low := uint64(0)
	for n := range l.m.family.config.partitions {
		o := l.owners[n]
		at := o.Checkpoint
		if o.Hold > 0 {
			at = min(at, o.Hold-1)
		}
		if n == 0 || at < low {
			low = at
		}
	}
	l.mu.Unlock()
	if low < l.below+cutAfter {
		l.cutting.Store(false)
		return
	}
	l.below = low
	l.working.Go(func() {
		defer l.cutting.Store(false)
		attempt, cancel := context.WithTimeout(ctx, publishWait)
		defer cancel()
		if log, err := l.s.js.Stream(attempt, l.m.family.logStream()); err == nil {
			_ = log.Purge(attempt, jetstream.WithPurgeSequence(low+1)) // if it fails, the next one does it
		}
	})
}

// cutAfter is how many commands must be behind all partitions until the log is cut. A cut
// takes some microseconds for each.
const cutAfter = 1000
