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

// A queue is the records of one Handler, and of those derived from it, on their way
// to the wrapped handler.
type queue struct {
	config
	root slog.Handler // is told of records that were dropped
	d    desync.Desync[failures]
	job  func(*failures) // of d, writes the first record; there is one for each

	// mu makes one step of finding no room, or of leaving some, and of what follows
	// from it. So when records have been dropped there is always one to leave, and to
	// see to it that they are told of; and the notice stands in their place.
	mu      sync.Mutex
	room    room.Room // of the records that are queued or being written
	records records   // those that are queued
	dropped int       // since the last notice
	worst   slog.Level
	written uint64    // how many records have been
	vain    time.Time // the last time that somebody waited and nothing was written
}

func newQueue(root slog.Handler, bound int, c config) *queue {
	q := &queue{config: c, root: root}
	q.job = q.writeFirst
	q.room.L, q.room.Size = &q.mu, int64(bound)
	return q
}

// put queues a record, or drops one and counts it.
func (q *queue) put(ctx context.Context, to slog.Handler, r slog.Record) error {
	// Functions of others are called before anything is taken.
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

// enter takes room, if there is any, or if there is some in time. mu is locked, as it
// is for all that follow.
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

// wait has something waited for, with mu unlocked, for a limited time, and returns
// what that returns. Whatever is waited for depends on the wrapped handler. If that
// waits in turn for the one who waits here, nothing is written until one of them gives
// up: that is what the limit is for.
func (q *queue) wait(until func(limit time.Duration) bool) bool {
	limit := q.patience()
	if limit <= 0 {
		return false
	}
	q.mu.Unlock()
	inside := onstack.Has(reflect.TypeFor[queue]().PkgPath() + ".(*queue).writeFirst")
	q.mu.Lock()
	if inside { // the wrapped handler itself: it is known without waiting
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

// patience returns how long to wait. After a wait during which nothing was written the
// wrapped handler may be stuck, or wait for those who wait here, and do so again with
// each record. So each such wait is to be a small part of the time that passes.
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

// notice queues one, if records were dropped.
func (q *queue) notice() {
	if q.dropped == 0 {
		return
	}
	// With the last one, if that is a notice too, so that there are not more of them
	// than records, however often somebody flushes in vain.
	if !q.records.last.counts(q.dropped, q.worst) {
		n := new(record)
		n.become(q.root, q.dropped, q.worst)
		q.records.add(n)
		q.d.Async(q.job)
	}
	q.dropped, q.worst = 0, 0
}

// replace drops the oldest record that may be dropped, leaves a notice in its place,
// and queues r with its room. It reports false if there is none.
func (q *queue) replace(r *record) bool {
	old := q.records.oldest
	if old == nil {
		return false
	}
	if old.prev.counts(1, old.Level) {
		q.records.remove(old)
		q.records.add(r) // whose job is that of old
		return true
	}
	q.records.hold(old)
	old.become(q.root, 1, old.Level)
	q.push(r)
	return true
}
