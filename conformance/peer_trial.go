package conformance

import (
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/go-desync/go-desync/conformance/internal/pipe"
	"github.com/go-desync/go-desync/conformance/internal/standstill"
)

// brokeProtocol begins the detail of a case in which the peer broke the protocol.
const brokeProtocol = "the peer broke the protocol: "

// processLives is what is expected of a process that ended.
const processLives = "the process lives until the case has ended"

// listens returns what the case hears of its peer.
func (t *trial) listens() *listener {
	return &listener{rule: t.rule, lost: t.peerLost, claims: func(text string) {
		t.failWith(&Failure{Rule: "META-1", Message: "META-1: expected: a peer makes the calls of the features that it claims\n  happened: " + text})
	}}
}

// peerLost says why the case cannot go on. It may be called more than once.
func (t *trial) peerLost(c *conn) {
	switch {
	case c.lost == lostBroke:
		t.slow("%s%s", brokeProtocol, c.why)
	case c.lost == lostEnded && !t.crashes:
		t.failWith(&Failure{
			Rule:    t.rule,
			Message: fmt.Sprintf("%s: expected: %s\n  happened: it ended: %s", t.rule, processLives, c.why),
			Output:  c.proc.Stderr(),
		})
	}
}

// A vital is what was last seen of a peer.
type vital struct {
	life  pipe.Life
	lines int64
}

// still reports whether nothing has moved in the peer since the last look.
func (v *vital) still(c *conn) bool {
	now := vital{pipe.Look(c.proc.PID()), c.lines.Load()}
	same := !c.hidden && now.life.Seen && !now.life.Busy && now == *v
	*v = now
	return same
}

// peerLooks is in how many looks in a row a peer must stand still: its threads may wait
// for a clock, which cannot be seen.
const peerLooks = 30

// looks is in how many looks in a row nothing may move before that counts.
func (t *trial) looks() int {
	if t.remote == nil || t.remote.conn == nil {
		return standstill.Looks
	}
	return max(peerLooks, int(t.remote.conn.quiet*3/2/standstill.LookEvery))
}

// silent reports whether a peer that stands still has nothing to say either when it is
// asked. The answer to a ping comes from a peer that has read all there is.
func (t *trial) silent() bool {
	if t.remote == nil || t.remote.conn == nil {
		return true
	}
	c := t.remote.conn
	before := c.lines.Load()
	_, ok := c.ask(pipe.Order{Op: "ping"}, time.After(t.scaled(2*time.Second)))
	t.mu.Lock()
	t.mute = !ok
	t.mu.Unlock()
	return c.lines.Load() == before
}

// standstill shows what goes on in a peer that stands still, for the failure.
func (c *conn) standstill(mute bool) string {
	var b strings.Builder
	if mute {
		b.WriteString("\n  the peer does not answer a ping: what reads its standard input is blocked")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for id := c.floor + 1; id <= c.next && n < 10; id++ {
		k := c.calls[id]
		if k == nil || k.back {
			continue
		}
		n++
		where := fmt.Sprintf("on thread %d", k.order.C)
		if k.order.In != 0 {
			where = fmt.Sprintf("in run %d", k.order.In)
		}
		fmt.Fprintf(&b, "\n  not answered: %s %d, %s of object %d, %s", k.order.Op, id, k.order.Kind, k.order.O, where)
	}
	return b.String()
}

// collect collects garbage, in the peer too.
func (t *trial) collect() {
	runtime.GC()
	if t.remote != nil && t.remote.conn != nil {
		time.Sleep(2 * time.Millisecond) // for what the collection found
		t.remote.conn.ask(pipe.Order{Op: "gc"}, time.After(5*time.Second))
	}
}

// idlePeer is idleObjects for a peer: it counts tasks, or threads, and not what is left of
// each object.
func (t *trial) idlePeer(n int) {
	tasks := func() int64 {
		if a, ok := t.remote.conn.ask(pipe.Order{Op: "stat"}, time.After(5*time.Second)); ok && a.Op == "stat" && a.Tasks > 0 {
			return a.Tasks
		}
		c := t.remote.conn
		c.mu.Lock()
		defer c.mu.Unlock()
		return int64(pipe.Look(c.proc.PID()).Threads - len(c.threads))
	}
	before := tasks()
	var objects []Object
	for range n {
		o := t.object()
		objects = append(objects, o)
		for range 3 {
			o.Async(func(*State) {})
		}
		t.fence(o)
	}
	t.expect("the peer says how many tasks it has")
	left := tasks() - before
	for look := 0; left > int64(n/2) && look < 20; look++ {
		time.Sleep(50 * time.Millisecond)
		left = tasks() - before
	}
	if left > int64(n/2) {
		t.fail("an object on which nothing is queued and nothing runs owns no thread and no task", "with %d idle objects there are %d more than before", len(objects), left)
	}
}
