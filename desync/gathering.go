package desync

import (
	"fmt"
	"sync/atomic"

	"github.com/go-desync/go-desync/futures/waits"
)

// A gathering is the entry of a call that waits for several objects, in the queues of all
// of them. Objects that it gets early are held until it has the last one.
type gathering struct {
	missing atomic.Int32
	waiter  *waiter
	wait    *waits.Waiting // nil where waits are not watched
}

// share is a gathering's entry in one of the queues.
type share struct {
	*gathering
	of *core
}

func (s share) grant() bool {
	if watching {
		s.wait.Granted(s.of)
	}
	if s.missing.Add(-1) == 0 {
		s.waiter.grant()
	}
	return true
}

func acquireAll(call string, objects []member) {
	seen := make(map[*core]int, len(objects))
	for i, o := range objects {
		if j, twice := seen[o.base()]; twice {
			panic(fmt.Sprintf("desync: %s: objects %d and %d are the same, %s; a job gets each object once", call, j, i, o.describe()))
		}
		seen[o.base()] = i
	}
	if len(objects) == 0 {
		return
	}
	g := &gathering{waiter: newWaiter()}
	if watching {
		g.wait = prepareAll(objects)
	}
	// One more than there are objects, so that the wait does not end before the last
	// place is taken.
	g.missing.Store(int32(len(objects)) + 1)
	lockAll(objects)
	if watching {
		if ring := g.wait.Begin(); ring != nil {
			unlockAll(objects)
			panic(deadlock(ring))
		}
		g.wait.Placed()
	}
	taken := int32(1)
	for _, o := range objects {
		c := o.base()
		if now, _ := c.placeLocked(share{g, c}, nil); now {
			if watching {
				g.wait.Granted(c)
			}
			taken++
		}
	}
	unlockAll(objects)
	at(unlocked)
	if g.missing.Add(-taken) != 0 {
		g.waiter.wait(nil)
	}
	g.waiter.free()
	if watching {
		waits.End()
	}
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
