package natsmap

import (
	"context"
	"encoding/json"
	"hash/fnv"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// A sign of life of a process.
type sign struct {
	heard   time.Time // by the clock of this process
	seq     uint64    // of the message: one that is read again is no new sign
	version int
}

// watch follows the records of the partitions and the signs of life of all processes, until ctx
// ends.
func (l *loop[T]) watch(ctx context.Context) {
	for {
		msg, meta, err := l.watcher.read(ctx)
		if err != nil {
			return
		}
		l.heed(msg, meta.Sequence.Stream)
	}
}

func (l *loop[T]) heed(msg jetstream.Msg, seq uint64) {
	kind, name, _ := strings.Cut(strings.TrimPrefix(msg.Subject(), l.m.family.name+"."), ".")
	l.mu.Lock()
	defer l.mu.Unlock()
	switch kind {
	case "h":
		if len(msg.Data()) == 0 {
			delete(l.alive, name)
			break
		}
		before, known := l.alive[name]
		if seq <= before.seq {
			break
		}
		now := time.Now()
		if name == l.m.self && now.Sub(before.heard) > l.m.family.config.lease {
			l.hears = now
		}
		version, _ := strconv.Atoi(string(msg.Data()))
		l.alive[name] = sign{now, seq, max(version, 1)}
		if known {
			return
		}
	case "o":
		p, err := strconv.Atoi(name)
		o := owned{rev: seq}
		if err != nil || json.Unmarshal(msg.Data(), &o.ownership) != nil || o.rev < l.owners[p].rev {
			return
		}
		l.owners[p] = o
	}
	l.signal()
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
			l.confirmed.Store(&begun)
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}

// forget removes the sign of life of a process that has ended.
func (l *loop[T]) forget(subject string) {
	ctx, cancel := context.WithTimeout(context.Background(), publishWait)
	defer cancel()
	_ = purge(ctx, l.s.js, l.m.family.stateStream(), subject) // it does no harm
}

// living returns the processes that are alive, and their versions, and the records of the
// partitions. deaf says that this process does not know who is alive: it does not hear itself.
func (l *loop[T]) living(now time.Time) (live map[string]int, owners map[int]owned, deaf bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	lease := l.m.family.config.lease
	if now.Sub(l.alive[l.m.self].heard) > lease {
		if now.Sub(l.kicked) > lease {
			l.kicked = now
			l.watcher.close() // it is opened again
		}
		return nil, nil, true
	}
	live = map[string]int{l.m.self: l.m.family.config.version}
	for name, s := range l.alive {
		// While this process has not heard itself, it has not heard others either.
		if now.Sub(s.heard) <= lease || now.Sub(l.hears) <= lease {
			live[name] = s.version
			continue
		}
		delete(l.alive, name)
		if l.parts[0] != nil { // one is enough to do it
			l.working.Go(func() { l.forget(l.m.family.subject("h", name)) })
		}
	}
	return live, maps.Clone(l.owners), false
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
