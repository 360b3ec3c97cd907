package mutant

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-desync/go-desync/conformance"
)

// windows are the mutants that are wrong in a narrow window. W is how long it is open.
func windows() []Mutant {
	narrow := Range{Low: 50, High: 2000, Unit: "ns"}
	all := []Mutant{
		{Name: string(lostBeforeSleep), Rule: "EXE-2", Doc: "a job that comes between the worker's look at the queue and its note that it sleeps stays there"},
		{Name: string(waiterLostAtIdle), Rule: "EXE-2", Doc: "a Do that comes between the last look at the queue and the note that the object is idle stays there"},
		{Name: string(doubledBeforeSleep), Rule: "EXE-1", Doc: "a job that comes between the worker's look at the queue and its note that it sleeps is queued twice"},
		{Name: "snapshot-stored-blindly", Rule: "EXE-2", Doc: "Async swaps the list of jobs for a longer one, and stores it without comparison after two failed tries", change: snapshotStoredBlindly},
		{Name: "two-turns-at-idle", Rule: "EXC-1", Doc: "a Do looks whether the object is idle, and takes the turn W later without another look", change: twoTurnsAtIdle},
		{Name: string(turnGivenToCanceled), Rule: "CAN-3", Doc: "a turn that comes to a call which is just being given up is lost"},
		{Name: "canceled-at-start", Rule: "CAN-2", Doc: "a DoContext whose context ends within W after its job has started says that it has not run", change: canceledAtStart},
		{Name: string(tryBetweenJobs), Rule: "ORD-3", Doc: "a TryDo that comes between two jobs runs in front of what is queued"},
		{Name: "resume-lost-on-arrival", Rule: "SUS-2", Doc: "a resume that comes when the object is about to stand still is lost", change: resumeLostOnArrival},
		{Name: "value-lost-on-arrival", Rule: "AFT-1", Doc: "the value of an After that comes when the object is about to wait for it is lost", change: valueLostOnArrival},
		{Name: "future-wait-misses-end", Rule: "FUT-1", Doc: "a wait for a future that begins while its job ends goes on forever", change: futureWaitMissesEnd},
		{Name: "submit-lost-at-close", Rule: "CLO-1", Doc: "a Submit that meets Close says yes, and forgets the job", change: submitLostAtClose},
		{Name: "places-taken-apart", Rule: "MUL-2", Doc: "DoAll takes its places one after the other, always in the same order, with W between them", change: placesTakenApart},
		{Name: "second-cancel-frees-turn", Rule: "EXC-1", Budget: conformance.Full, Doc: "a call that is given up when its turn has come passes the turn on, and runs", change: secondCancelFreesTurn},
	}
	for i := range all {
		all[i].Range = narrow
	}
	return family("window", conformance.Short, all)
}

// The jobs are a list that Async makes longer by one. In the queue there is, for each
// Async, one job that runs all of the list.
func snapshotStoredBlindly(s *shell) {
	type node struct {
		f    job
		next *node
	}
	var list atomic.Pointer[node]
	var taken []job // of who has the turn
	drain := func(st *conformance.State) {
		var fresh []job
		for n := list.Swap(nil); n != nil; n = n.next {
			fresh = append(fresh, n.f)
		}
		slices.Reverse(fresh)
		taken = append(taken, fresh...)
		for len(taken) > 0 {
			f := taken[0]
			taken = taken[1:]
			f(st)
		}
	}
	s.async = func(f job) {
		n := &node{f: f}
		for failed := 0; ; failed++ {
			n.next = list.Load()
			spin(s.d)
			if failed == 2 {
				list.Store(n)
				break
			}
			if list.CompareAndSwap(n.next, n) {
				break
			}
		}
		s.object.Async(drain)
	}
}

func twoTurnsAtIdle(s *shell) {
	s.do = func(f job) {
		s.mu.Lock()
		idle := s.idle() && !s.closed
		s.mu.Unlock()
		if !idle {
			s.object.Do(f)
			return
		}
		spin(s.d)
		s.mu.Lock()
		s.busy = true
		s.mu.Unlock()
		s.hold(func() { f(&s.state) })
	}
}

func canceledAtStart(s *shell) {
	s.doContext = func(ctx context.Context, f job) error {
		late := false
		err := s.object.DoContext(ctx, func(st *conformance.State) {
			spin(s.d)
			late = ctx.Err() != nil
			f(st)
		})
		if late {
			return ctx.Err()
		}
		return err
	}
}

// A gap is a signal that is lost if it comes between the look of the one who waits and
// its note that it does.
type gap struct {
	open         time.Duration
	set, waiting atomic.Bool
	signal       chan struct{}
}

func newGap(open time.Duration) *gap { return &gap{open: open, signal: make(chan struct{}, 1)} }

func (g *gap) raise() {
	g.set.Store(true)
	if g.waiting.Load() {
		select {
		case g.signal <- struct{}{}:
		default:
		}
	}
}

func (g *gap) wait(ctx context.Context) {
	if g.set.Load() {
		return
	}
	spin(g.open)
	g.waiting.Store(true)
	select {
	case <-g.signal:
		g.signal <- struct{}{} // for others who wait
	case <-ctx.Done():
	}
}

func resumeLostOnArrival(s *shell) {
	s.suspend = func() (resume func()) {
		resumed := newGap(s.d)
		s.mustQueue(&entry{job: func() { resumed.wait(context.Background()) }})
		return sync.OnceFunc(resumed.raise)
	}
}

func valueLostOnArrival(s *shell) {
	s.after = func(f jobAfter) (settler, conformance.Wait) {
		there := newGap(s.d)
		value := s.result()
		settle, wait := s.object.After(func(st *conformance.State, _ int, _ error) int {
			there.wait(context.Background())
			v, err := value.wait(context.Background())
			return f(st, v, err)
		})
		settle(0, nil)
		return func(v int, err error) { value.settle(v, err); there.raise() }, wait
	}
}

func futureWaitMissesEnd(s *shell) {
	s.future = func(f jobResult) conformance.Wait {
		ended := newGap(s.d)
		wait := s.object.Future(f)
		go func() {
			_, _ = wait(context.Background())
			ended.raise()
		}()
		return func(ctx context.Context) (int, error) {
			ended.wait(ctx)
			return wait(ctx)
		}
	}
}

func submitLostAtClose(s *shell) {
	s.submit = func(f job) bool {
		s.mu.Lock()
		closed := s.closed
		s.mu.Unlock()
		if closed {
			return false
		}
		spin(s.d)
		s.object.Submit(f)
		return true
	}
}

func placesTakenApart(s *shell) {
	s.doAll = func(others []conformance.Object, f jobOfAll) {
		all, states := members(s.object, others)
		var left atomic.Int64
		left.Store(int64(len(all)))
		turned := make(chan struct{})
		grant := func() {
			if left.Add(-1) == 0 {
				close(turned)
			}
		}
		for _, o := range inOrder(all) {
			o.mu.Lock()
			if o.enqueue(&entry{grant: grant}) {
				grant()
			}
			o.mu.Unlock()
			spin(s.d)
		}
		<-turned
		defer func() {
			for _, o := range all {
				o.pass()
			}
		}()
		f(states)
	}
}

func secondCancelFreesTurn(s *shell) {
	s.doContext = func(ctx context.Context, f job) error {
		turned := make(chan struct{})
		e := &entry{grant: func() { close(turned) }}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		s.mu.Lock()
		now := s.enqueue(e)
		s.mu.Unlock()
		if !now {
			select {
			case <-turned:
			case <-ctx.Done():
				if s.cancel(e) {
					return ctx.Err()
				}
				<-turned
				s.pass() // as if it did not run
				spin(s.d)
				f(&s.state)
				return nil
			}
		}
		s.hold(func() { f(&s.state) })
		return nil
	}
}
