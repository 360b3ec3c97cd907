package bounded

import (
	"context"
	"sync"

	"github.com/go-desync/go-desync/adapters/internal/object"
	"github.com/go-desync/go-desync/desync"
)

// A Permit is room of a [Bound] that belongs to a caller: for a job that it waits for, on one
// object or several, such as a [desync.Sync2]; or for several jobs that are to be accepted
// together or not at all.
//
//	p, err := b.Acquire(ctx, 1)
//	if err != nil {
//		return err
//	}
//	defer p.Release()
//	n := desync.Sync2(from, to, transfer)
//
// A Permit may be used by several goroutines at once. It must not be copied.
type Permit struct {
	b      *Bound
	ticket ticket

	mu       sync.Mutex
	released bool
	users    int // jobs that have not ended, and the caller until it has released the permit
}

// Acquire waits until there is room for weight, and takes it until [Permit.Release] is
// called. It waits, refuses and fails as [Bound.Async] does, inside of jobs too.
//
// Acquire panics if ctx is nil or weight is not positive.
func (b *Bound) Acquire(ctx context.Context, weight int64) (*Permit, error) {
	mustContext("Acquire", ctx)
	return b.permit("Acquire", weight, func(t *ticket) error { return b.enter(ctx, t) })
}

// TryAcquire is [Bound.Acquire] without waiting: if there is no room, or another call already
// waits for room, it returns [ErrFull] at once.
//
// TryAcquire panics if weight is not positive.
func (b *Bound) TryAcquire(weight int64) (*Permit, error) {
	return b.permit("TryAcquire", weight, b.tryEnter)
}

func (b *Bound) permit(call string, weight int64, enter func(*ticket) error) (*Permit, error) {
	mustBePositive(call, "weight", weight)
	p := &Permit{b: b, ticket: ticket{weight: weight, state: begun}, users: 1}
	if err := enter(&p.ticket); err != nil {
		return nil, err
	}
	return p, nil
}

// Async queues job on d, like [desync.Desync.Async], in the room of the permit: it takes none
// of its own. The room is not free before the job has ended. Async never waits, inside of
// jobs either. After [Permit.Release] it returns [ErrReleased].
//
// The job is one of the bound: [Bound.TakeBack] may take it back. A permit was accepted
// before the bound was closed, and so are its jobs.
//
// Async panics if d or job is nil.
func (p *Permit) Async[T any](d desync.Object[T], job func(data *T)) error {
	mustNotBeNil("Permit.Async", object.IsNil(d) || job == nil)
	d.Pending() // panics if d is a key that cannot be found again
	a := &accepted[T]{b: p.b, permit: p, run: job}
	a.object, a.given = d, job
	p.mu.Lock()
	if p.released {
		p.mu.Unlock()
		return ErrReleased
	}
	p.users++
	p.mu.Unlock()
	a.told = func(error) { p.letGo() }
	p.b.mu.Lock()
	p.b.add(&a.ticket)
	p.b.mu.Unlock()
	a.handOver(d)
	return nil
}

// Release gives back the room as soon as all jobs of [Permit.Async] have ended. It does not
// wait for them. Calls after the first do nothing, so it may be deferred as well.
func (p *Permit) Release() {
	p.mu.Lock()
	first := !p.released
	p.released = true
	p.mu.Unlock()
	if first {
		p.letGo()
	}
}

// letGo ends one use of the permit.
func (p *Permit) letGo() {
	p.mu.Lock()
	p.users--
	last := p.users == 0
	p.mu.Unlock()
	if last {
		p.b.leave(&p.ticket)
	}
}
