package desync

import (
	"fmt"
	"sync/atomic"

	"github.com/go-desync/go-desync/futures/waits"
)

// A gathering is a call for several objects that has to wait, with a place in the queue of
// each of them. Objects that it gets early are held until it has the last one.
//
// missing decides how it ends: either the goroutine that counts it down to zero, with the
// last object, lets the job run; or giveUp finds it above zero, and no countdown reaches
// zero any more. A gathering that has been given up keeps nothing alive but its shares,
// which stay in the queues until they are passed over.
type gathering struct {
	missing atomic.Int32
	waiter  *waiter        // of the call that waits, or nil
	run     func()         // the job in the background, if nobody waits
	wait    *waits.Waiting // nil where waits are not watched
}

// A share is a gathering's entry in one of the queues. It is pending until the object is
// granted, then started. giveUp makes it cancelled: a share that was pending is then passed
// over, and the object of one that was started is given up by the goroutine of giveUp,
// which has its turn from the swap on.
type share struct {
	*gathering
	state atomic.Uint32
	of    *core // only where waits are watched: a share must not keep the other objects
}

func (s *share) abandoned() bool { return s.state.Load() == cancelled }

func (s *share) grant() bool {
	at(grantSwap)
	if !s.state.CompareAndSwap(pending, started) {
		return false
	}
	// From here on giveUp may give up the object.
	if watching {
		s.wait.Granted(s.of)
	}
	at(countDown)
	if s.missing.Add(-1) == 0 {
		s.complete()
	}
	return true
}

// complete is called once, when all objects are held.
func (g *gathering) complete() {
	if g.run != nil {
		go g.run()
	} else {
		g.waiter.grant()
	}
}

// enter takes a place for g in the queues of all objects, in one step, and reports whether
// all of them were idle: the caller then has their turns. If the wait would close a ring,
// enter takes no place and returns the ring.
func (g *gathering) enter(objects []member) (shares []share, all bool, ring func() []waits.Wait) {
	if len(objects) == 0 {
		return nil, true, nil
	}
	shares = make([]share, len(objects))
	// One more than there are objects, so that the wait does not end before the last place
	// is taken.
	g.missing.Store(int32(len(objects)) + 1)
	lockAll(objects)
	if watching {
		if ring := g.wait.Begin(); ring != nil {
			unlockAll(objects)
			return nil, false, ring
		}
		g.wait.Placed()
	}
	taken := int32(1)
	for i, o := range objects {
		c, s := o.base(), &shares[i]
		s.gathering = g
		if watching {
			s.of = c
		}
		if now, _ := c.placeLocked(s, nil); now {
			s.state.Store(started) // it is in no queue
			if watching {
				g.wait.Granted(c)
			}
			taken++
		}
	}
	unlockAll(objects)
	at(unlocked)
	return shares, g.missing.Add(-taken) == 0, nil
}

// gather waits until the caller has the turn of all objects, and reports true. It reports
// false if done was closed first; the caller then has no turn and no place. If the wait
// would close a ring, gather returns the ring at once. It calls none of the user's code.
func gather(objects []member, done <-chan struct{}) (got bool, ring func() []waits.Wait) {
	g := &gathering{waiter: newContextWaiter(done)}
	if watching {
		g.wait = waits.Prepare(done != nil, nil, jobsOf(objects)...)
	}
	shares, got, ring := g.enter(objects)
	switch {
	case ring != nil:
		return false, ring
	case got:
	case done == nil:
		g.waiter.wait(nil)
		got = true
	default:
		got = g.waitUntil(done, objects, shares)
	}
	if done == nil {
		g.waiter.free()
	}
	if watching && got {
		waits.End()
	}
	return got, nil
}

func (g *gathering) waitUntil(done <-chan struct{}, objects []member, shares []share) (got bool) {
	at(waitLook)
	select {
	case <-g.waiter.signaled:
		return true
	case <-done:
		if g.giveUp(objects, shares) {
			return false
		}
		<-g.waiter.signaled // sent by the goroutine that has granted the last object
		return true
	}
}

// manyMissing is more than any gathering has objects.
const manyMissing = 1 << 30

// giveUp gives up all places, and the objects that were granted early. It reports false if
// the last object was granted first.
func (g *gathering) giveUp(objects []member, shares []share) bool {
	at(countDown)
	if g.missing.Add(manyMissing) == manyMissing {
		return false
	}
	if watching {
		g.wait.GiveUp() // before others can get the objects
	}
	for i, o := range objects {
		at(grantSwap)
		if shares[i].state.Swap(cancelled) == started {
			o.release()
		} else {
			o.base().abandon()
		}
	}
	return true
}

// acquireAll takes the turn of all objects.
func acquireAll(call string, objects []member) {
	mustDiffer(call, objects)
	if _, ring := gather(objects, nil); ring != nil {
		panic(deadlock(ring))
	}
}

func mustDiffer(call string, objects []member) {
	seen := make(map[*core]int, len(objects))
	for i, o := range objects {
		if j, twice := seen[o.base()]; twice {
			panic(fmt.Sprintf("desync: %s: objects %d and %d are the same, %s; a job gets each object once", call, j, i, o.describe()))
		}
		seen[o.base()] = i
	}
}

func jobsOf(objects []member) (jobs []*waits.Job) {
	for _, o := range objects {
		jobs = append(jobs, waits.NewJob(object(o)))
	}
	return jobs
}

func releaseAll(objects []member) {
	for _, o := range objects {
		o.release()
	}
}

func unlockAll(objects []member) {
	for _, o := range objects {
		o.base().mu.Unlock()
	}
}

// lockAll locks the mu of every object. It never waits for one mu while it holds another:
// if one is taken, it unlocks all and starts again with that one. So two calls cannot
// block each other, whatever the order of their objects.
func lockAll(objects []member) {
	at(joinLock)
	for first := 0; ; {
		objects[first].base().mu.Lock()
		taken := -1
		for i, o := range objects {
			if i != first && !o.base().mu.TryLock() {
				taken = i
				break
			}
		}
		if taken < 0 {
			return
		}
		for i, o := range objects[:taken] {
			if i != first {
				o.base().mu.Unlock()
			}
		}
		objects[first].base().mu.Unlock()
		first = taken
	}
}
