package desync

import (
	"fmt"
	"sync/atomic"

	"github.com/go-desync/go-desync/futures/waits"
)

// A gathering is a call for several objects that has to wait, with a place in the queue of
// each of them. Objects that it gets early are held until it has the last one.
type gathering struct {
	missing atomic.Int32
	waiter  *waiter        // of the call that waits, or nil
	run     func()         // the job in the background, if nobody waits
	wait    *waits.Waiting // nil where waits are not watched
}

// A share is a gathering's entry in one of the queues.
//
//	pending ── grant ──▶ started ── giveUp, which releases the object ──▶ cancelled
//	   │                                                                      ▲
//	   └────── giveUp, which leaves the place to be passed over ──────────────┘
//
// Whoever swaps started for cancelled has the turn from then on. So if a grant and giveUp
// meet, either the grant comes first and giveUp releases the object, or giveUp comes first
// and the goroutine that would have granted it keeps the turn.
type share struct {
	*gathering
	state atomic.Uint32
	of    *core // nil where waits are not watched: a share that was given up keeps no other object alive
}

func (s *share) abandoned() bool { return s.state.Load() == cancelled }

func (s *share) grant() bool {
	at(grantSwap)
	return s.granted(pending)
}

// granted reports whether the share, in the state from, has not been given up.
func (s *share) granted(from uint32) bool {
	if !s.state.CompareAndSwap(from, started) {
		return false
	}
	// From here on giveUp may release the object.
	if watching {
		s.wait.Granted(s.of)
	}
	at(countDown)
	if s.missing.Add(-1) == 0 {
		s.complete()
	}
	return true
}

// complete is called when the last object has been granted.
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
//
// records are those of the objects that are observed, or nil. Their observers are told of the
// objects that are held already, if others are missing. If one does not return, all places
// are given up.
func (g *gathering) enter(objects []member, records []shareRecord) (p places, all bool, ring func() []waits.Wait) {
	if len(objects) == 0 {
		return p, true, nil
	}
	p = places{objects, make([]share, len(objects)), records}
	// One more than there are objects, so that the wait does not end before the last place
	// is taken.
	g.missing.Store(int32(len(objects)) + 1)
	lockAll(objects)
	if watching {
		if ring := g.wait.Begin(); ring != nil {
			unlockAll(objects)
			return p, false, ring
		}
		g.wait.Placed()
	}
	taken := int32(1)
	var atOnce []*record
	for i, o := range objects {
		c, s := o.base(), &p.shares[i]
		s.gathering = g
		if watching {
			s.of = c
		}
		var entry any = s
		if r := toldOf(records, i); r != nil {
			r.place = &toldShare{share: s, record: r.record}
			entry = o.taskOf(r.place)
		}
		if idle, _ := c.placeLocked(entry, nil); idle {
			s.state.Store(started) // it is in no queue
			if entry != s {
				atOnce = append(atOnce, records[i].record)
			}
			if watching {
				g.wait.Granted(c)
			}
			taken++
		}
	}
	unlockAll(objects)
	at(unlocked)
	if int(taken) <= len(objects) {
		p.tellHeld(atOnce)
	}
	return p, g.missing.Add(-taken) == 0, nil
}

// The places of a gathering, one for each object.
type places struct {
	objects []member
	shares  []share
	records []shareRecord // or none
}

// tellHeld tells the observers of objects that the caller has got at once.
func (p places) tellHeld(atOnce []*record) {
	told := false
	defer func() {
		if !told {
			p.giveUp() // the job cannot have begun: the count is one too high
		}
	}()
	for _, r := range atOnce {
		r.held()
	}
	told = true
}

// gather waits until the caller has the turn of all objects, and reports true. It reports
// false if done was closed first; the caller then has no turn and no place. If the wait
// would close a ring, gather returns the ring at once. It calls none of the user's code.
func gather(objects []member, records []shareRecord, done <-chan struct{}) (got bool, ring func() []waits.Wait) {
	g := &gathering{waiter: newContextWaiter(done)}
	if watching {
		g.wait = waits.Prepare(done != nil, nil, jobsOf(objects)...)
	}
	p, got, ring := g.enter(objects, records)
	switch {
	case ring != nil:
		return false, ring
	case got:
	case done == nil:
		g.waiter.wait(nil)
		got = true
	default:
		at(waitLook)
		select {
		case <-g.waiter.signaled:
			got = true
		case <-done:
			// This goroutine alone can begin the job. So it may give up although the last
			// object has just been granted; the signal is then left over.
			p.giveUp()
		}
	}
	if done == nil {
		g.waiter.free()
	}
	if watching && got {
		waits.End()
	}
	return got, nil
}

// giveUp gives up all places, and all objects that were granted.
func (p places) giveUp() {
	if watching {
		waits.End() // first: a grant that comes before its swap below notes nothing after it
	}
	for i, o := range p.objects {
		at(giveUpSwap)
		switch p.shares[i].state.Swap(cancelled) {
		case started:
			o.release()
		case pending:
			if r := toldOf(p.records, i); r != nil {
				r.place.record = nil // the place may stay for long, and the record serves another job
			}
			o.base().abandon()
		case telling:
			p.records[i].early = true
		}
	}
}

// acquireAll takes the turn of all objects.
func acquireAll(call string, objects []member, records []shareRecord) {
	mustDiffer(call, objects)
	if _, ring := gather(objects, records, nil); ring != nil {
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
