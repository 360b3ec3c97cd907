package bounded

import (
	"context"
	"fmt"
	"sync"

	"github.com/go-desync/go-desync/adapters/internal/ended"
)

// A book has the jobs and permits that were accepted and have not ended, in the order in
// which they were accepted. Its mutex guards all that belongs to a Bound or a Limit. No
// function of the user's is called while it is locked.
type book struct {
	mu     sync.Mutex
	closed bool
	root   ticket        // of a ring
	open   int           // tickets in the ring
	quiet  chan struct{} // closed when the ring is empty; nil if nobody waits for that
}

// A ticket is an entry of the book.
//
//	waiting ── begin ──▶ begun ── remove ──▶ over
//	   └────── takeBack ──▶ returned
//
// Whoever changes waiting, with the book locked, decides whether the job runs.
type ticket struct {
	prev, next *ticket
	state      state
	object     fmt.Stringer // nil for a permit
	given      any          // what the user has given
	weight     int64
	stop       func() bool     // takes the job from its object; nil until it is there
	told       func(err error) // tells the caller that the job has not run; may be nil
	entry      *entry          // of a Limit
}

type state int

const (
	waiting  state = iota
	begun          // it runs, or it is a permit
	over           // it has run
	returned       // it was taken back
)

// add adds a ticket; the book is locked.
func (b *book) add(t *ticket) {
	if b.root.next == nil {
		b.root.prev, b.root.next = &b.root, &b.root
	}
	last := b.root.prev
	t.prev, t.next = last, &b.root
	last.next, b.root.prev = t, t
	b.open++
}

// remove removes a ticket; the book is locked. announce must follow, when others may have
// been let in.
func (b *book) remove(t *ticket) {
	t.prev.next, t.next.prev = t.next, t.prev
	t.prev, t.next, t.state = nil, nil, over
	b.open--
}

// announce wakes those that wait until the book is empty, if it is; the book is locked.
func (b *book) announce() {
	if b.open == 0 && b.quiet != nil {
		close(b.quiet)
		b.quiet = nil
	}
}

// begin reports whether a job whose turn has come may run.
func (b *book) begin(t *ticket) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if t.state != waiting {
		return false
	}
	t.state = begun
	return true
}

// queued notes how a job is taken from its object, or does so if the job was taken back
// while it was handed over.
func (b *book) queued(t *ticket, stop func() bool) {
	b.mu.Lock()
	late := t.state == returned
	if t.state == waiting {
		t.stop = stop
	}
	b.mu.Unlock()
	if late {
		stop()
	}
}

// A Returned is a job that was taken back before it began.
type Returned struct {
	Object fmt.Stringer // the object: what the job was given for
	Job    any          // the function, or the [desync.Job], as it was given
}

// ErrReturned is the error of a job that was taken back. It matches [desync.ErrNotRun].
// Match it with errors.Is.
var ErrReturned = notRunBecause("the job was taken back")

// drained is what takeBack has to do when the book is unlocked again.
type drained struct {
	stop func() bool
	told func(error)
}

// takeBack ends a ticket if it waits; the book is locked. When it is unlocked, after must be
// finished.
func (b *book) takeBack(t *ticket) (job Returned, after drained, ok bool) {
	if t.state != waiting {
		return job, after, false
	}
	job, after = Returned{t.object, t.given}, drained{t.stop, t.told}
	b.remove(t)
	t.state, t.given, t.stop, t.told = returned, nil, nil, nil
	return job, after, true
}

// all yields the tickets in order. One that is yielded may be removed. The book is locked.
func (b *book) all(yield func(*ticket) bool) {
	for t := b.root.next; t != nil && t != &b.root; {
		next := t.next
		if !yield(t) {
			return
		}
		t = next
	}
}

// finish does what is left to do for jobs that were taken back. If one does not return, the
// others are done all the same.
func finish(after []drained, err error) {
	next := 0
	defer func() {
		if next < len(after) {
			finish(after[next:], err)
		}
	}()
	for next < len(after) {
		next++
		after[next-1].finish(err)
	}
}

func (d drained) finish(err error) {
	if d.told != nil {
		defer d.told(err)
	}
	if d.stop != nil {
		d.stop()
	}
}

// wait returns when the book is empty, or says what is in it when ctx ends.
func (b *book) wait(ctx context.Context, call string) error {
	b.mu.Lock()
	if b.open == 0 {
		b.mu.Unlock()
		return nil
	}
	if b.quiet == nil {
		b.quiet = make(chan struct{})
	}
	quiet := b.quiet
	b.mu.Unlock()
	if inJob() {
		return b.left(call, ErrInJob)
	}
	select {
	case <-quiet:
		return nil
	case <-ctx.Done():
		return b.left(call, ended.Error(ctx, "the context ended"))
	}
}
