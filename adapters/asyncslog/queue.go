package asyncslog

import (
	"context"
	"log/slog"
	"reflect"
	"sync"
	"time"

	"github.com/go-desync/go-desync/adapters/internal/onstack"
	"github.com/go-desync/go-desync/adapters/internal/room"
	"github.com/go-desync/go-desync/desync"
)

// A queue holds the records of a Handler, and of those derived from it, until the
// wrapped handler has written them.
type queue struct {
	config
	root slog.Handler // gets the notices
	d    *desync.Desync[failures]
	job  func(*failures) // the job of d that writes the first record; each record has one

	// A call of Handle looks at room, and then queues or drops its record, while it
	// holds mu. So while dropped records have no notice yet, another record is still
	// queued. When that one is written, the notice is queued, at the place where the
	// dropped records are missing.
	mu      sync.Mutex
	room    room.Room // for the records that are queued or being written
	records records   // the records that are queued
	dropped int       // records dropped since the last notice
	worst   slog.Level
	written uint64    // how many records have been written
	vain    time.Time // the last time that a goroutine waited and nothing was written
}

func newQueue(root slog.Handler, bound int, c config) *queue {
	q := &queue{config: c, root: root, d: desync.New(failures{}, desync.WithName("asyncslog"))}
	q.job = q.writeFirst
	q.room.L, q.room.Size = &q.mu, int64(bound)
	return q
}

// put queues a record, or drops one and counts it.
func (q *queue) put(ctx context.Context, to slog.Handler, r slog.Record) error {
	// The user's functions are called before room is taken.
	flush := reaches(r.Level, q.flushFrom)
	e := &record{
		Record: resolved(r), ctx: q.takeContext(ctx), to: to,
		keep: flush || reaches(r.Level, q.keepFrom),
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case flush:
		e.waiter = room.NewWaiter()
		q.room.Add(1)
		q.push(e)
		return q.untilWritten(e)
	case q.enter():
	case q.full == DropOldest && q.replace(e):
		return nil
	case e.keep:
		q.room.Add(1)
	default:
		q.dropped++
		q.worst = max(q.worst, r.Level)
		return ErrDropped
	}
	q.push(e)
	return nil
}

// enter takes room, and waits for it if the policy says so. It reports whether it has
// got room. mu is locked here and in the functions below.
func (q *queue) enter() bool {
	if q.full == Drop && q.dropped > 0 {
		return false
	}
	return q.room.Try(1) || q.full == Wait && q.wait(func(limit time.Duration) bool {
		return q.room.Take(1, limit, nil)
	})
}

// untilWritten waits until r is written.
func (q *queue) untilWritten(r *record) error {
	q.wait(func(limit time.Duration) bool {
		if !r.done {
			q.mu.Unlock()
			r.waiter.Wait(limit)
			q.mu.Lock()
		}
		return r.done
	})
	if !r.done {
		return ErrNotWritten
	}
	return r.err
}

// wait calls until, which waits for at most limit with mu unlocked, and returns its
// result. Every such wait depends on the wrapped handler. If the wrapped handler waits
// for the goroutine that waits here, nothing is written until one of them gives up. That
// is why there is a limit.
func (q *queue) wait(until func(limit time.Duration) bool) bool {
	limit := q.patience()
	if limit <= 0 {
		return false
	}
	q.mu.Unlock()
	inside := onstack.Has(reflect.TypeFor[queue]().PkgPath() + ".(*queue).writeFirst")
	q.mu.Lock()
	if inside { // the wrapped handler calls: it would wait for itself
		return false
	}
	written := q.written
	if until(limit) {
		return true
	}
	if q.written == written {
		q.vain = time.Now()
	}
	return false
}

// patience returns how long to wait. If nothing was written during a wait, the wrapped
// handler may be stuck, or may wait for the goroutines that wait here, again for each
// record. So each such wait must be a small part of the time that passes.
func (q *queue) patience() time.Duration {
	since := time.Since(q.vain)
	if since < 0 { // by the clock of a synctest bubble
		return q.maxWait
	}
	return min(q.maxWait, since/10)
}

// push queues a record that has room.
func (q *queue) push(r *record) {
	q.notice()
	q.records.add(r)
	q.d.Async(q.job)
}

// notice queues a notice, if records were dropped.
func (q *queue) notice() {
	if q.dropped == 0 {
		return
	}
	// If the last record is a notice too, it counts them. So there are never more
	// notices than records, however often Flush is called in vain.
	if !q.records.last.counts(q.dropped, q.worst) {
		n := new(record)
		n.become(q.root, q.dropped, q.worst)
		q.records.add(n)
		q.d.Async(q.job)
	}
	q.dropped, q.worst = 0, 0
}

// replace drops the oldest record that may be dropped, leaves a notice in its place, and
// queues r in its room. It reports false if no record may be dropped.
func (q *queue) replace(r *record) bool {
	old := q.records.oldest
	if old == nil {
		return false
	}
	if old.prev.counts(1, old.Level) {
		q.records.remove(old)
		q.records.add(r) // the job that was queued for old writes it
		return true
	}
	q.records.hold(old)
	old.become(q.root, 1, old.Level)
	q.push(r)
	return true
}
