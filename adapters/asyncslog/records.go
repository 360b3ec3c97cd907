package asyncslog

import (
	"context"
	"log/slog"
	"time"

	"github.com/go-desync/go-desync/adapters/internal/room"
)

// A record is queued for a handler: one that was given to Handle, or a notice, which
// says how many others were dropped.
type record struct {
	slog.Record
	ctx context.Context
	to  slog.Handler

	dropped int  // in a notice: how many. A notice takes no room.
	keep    bool // it must not be dropped

	// Of a Handle that waits until the record is written.
	waiter *room.Waiter
	done   bool
	err    error

	prev, next *record
}

// become makes r a notice of one or more dropped records.
func (r *record) become(root slog.Handler, dropped int, worst slog.Level) {
	r.Record = slog.NewRecord(time.Now(), max(worst, slog.LevelWarn), DroppedMessage, 0)
	r.ctx, r.to = context.Background(), root
	r.dropped, r.keep = dropped, true
}

// counts adds dropped records to r, and reports false if r is no notice. r may be nil.
func (r *record) counts(dropped int, worst slog.Level) bool {
	if r == nil || r.dropped == 0 {
		return false
	}
	r.dropped += dropped
	r.Level = max(r.Level, worst)
	return true
}

// records is a list of records in order.
type records struct {
	first, last *record
	oldest      *record // the first one that may be dropped
}

func (l *records) add(r *record) {
	r.prev = l.last
	if l.last == nil {
		l.first = r
	} else {
		l.last.next = r
	}
	l.last = r
	if l.oldest == nil && !r.keep {
		l.oldest = r
	}
}

// pop removes the first record. There is one.
func (l *records) pop() *record {
	r := l.first
	l.remove(r)
	return r
}

func (l *records) remove(r *record) {
	l.hold(r)
	if r.prev == nil {
		l.first = r.next
	} else {
		r.prev.next = r.next
	}
	if r.next == nil {
		l.last = r.prev
	} else {
		r.next.prev = r.prev
	}
	r.prev, r.next = nil, nil
}

// hold is called when r may no longer be dropped. It looks at each record once.
func (l *records) hold(r *record) {
	if l.oldest != r {
		return
	}
	for l.oldest = r.next; l.oldest != nil && l.oldest.keep; {
		l.oldest = l.oldest.next
	}
}
