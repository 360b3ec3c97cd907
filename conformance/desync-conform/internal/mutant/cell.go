package mutant

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/go-desync/go-desync/conformance"
)

// cells are the mutants that are wrong for one kind of call in one state, or with one
// kind of context.
func cells() []Mutant {
	return family("cell", conformance.Short, []Mutant{
		{Name: "do-runs-on-suspended", Rule: "SUS-1", Doc: "a Do on a suspended object that has nothing queued runs", change: doRunsOnSuspended},
		{Name: "try-runs-on-suspended", Rule: "SUS-1", Doc: "a TryDo on a suspended object that has nothing queued runs", change: tryRunsOnSuspended},
		{Name: "do-passes-waiting-after", Rule: "AFT-1", Doc: "a Do on an object that waits for the value of an After, with nothing queued, runs", change: doPassesWaitingAfter},
		{Name: "ended-context-waits-on-suspended", Rule: "CAN-1", Doc: "a DoContext whose context has ended waits for its turn if the object is suspended", change: endedContextWaits},
		{Name: "ended-context-future-runs-on-idle", Rule: "CAN-1", Doc: "a FutureContext whose context has ended runs if the object is idle", change: endedContextFutureRuns},
		{Name: "only-newest-future-canceled", Rule: "CAN-1", Doc: "of the futures that share a context only the newest is canceled", change: onlyNewestCanceled},
		{Name: "deadline-ignored", Rule: "CAN-1", Doc: "a DoContext that waits notices that its context is canceled, but not its deadline", change: deadlineIgnored},
		{Name: "canceled-with-cause-ignored", Rule: "CAN-1", Doc: "a DoContext does not notice the end of a context that was canceled with a cause", change: causeIgnored},
		{Name: "error-lost-in-after", Rule: "AFT-1", Doc: "the job of an After that is settled with an error gets no error", change: errorLostInAfter},
		{Name: "do-from-job-runs-at-once", Rule: "EXC-1", Doc: "a Do called from another object's job does not wait for its turn", change: doFromJobRuns},
		{Name: "async-from-try-lost", Rule: "EXE-2", Doc: "an Async called from the object's own job in a TryDo is forgotten", change: asyncFromTryLost},
		{Name: "try-from-job-waits", Rule: "TRY-1", Doc: "a TryDo called from another object's job waits for its turn", change: tryFromJobWaits},
		{Name: string(ownFutureInFront), Rule: "NST-2", Doc: "a job that calls Future on its own object is placed in front"},
		{Name: "submit-while-closing-lost", Rule: "CLO-1", Doc: "a Submit while Close waits says yes, and forgets the job", change: submitWhileClosingLost},
		{Name: "close-leaves-after", Rule: "CLO-1", Doc: "Close does not wait for what is queued behind an After", change: closeLeavesAfter},
		{Name: "future-behind-suspension-discarded", Rule: "FUT-3", Doc: "a future that is given up while the object is suspended does not run", change: futureBehindSuspension},
	})
}

func doRunsOnSuspended(s *shell) {
	stands := s.standing()
	s.do = func(f job) {
		if stands.Load() && s.queued() == 0 {
			f(&s.state)
			return
		}
		s.object.Do(f)
	}
}

func tryRunsOnSuspended(s *shell) {
	stands := s.standing()
	s.tryDo = func(f job) bool {
		if stands.Load() && s.queued() == 0 {
			f(&s.state)
			return true
		}
		return s.object.TryDo(f)
	}
}

func doPassesWaitingAfter(s *shell) {
	var waits atomic.Bool
	s.after = func(f jobAfter) (settler, conformance.Wait) {
		in := s.result()
		if s.isIdle() {
			waits.Store(true)
		}
		wait := s.object.Future(func(st *conformance.State) int {
			waits.Store(true)
			v, err := in.wait(context.Background())
			waits.Store(false)
			return f(st, v, err)
		})
		return in.settle, wait
	}
	s.do = func(f job) {
		if waits.Load() && s.queued() == 0 {
			f(&s.state)
			return
		}
		s.object.Do(f)
	}
}

func endedContextWaits(s *shell) {
	stands := s.standing()
	s.doContext = func(ctx context.Context, f job) error {
		if ctx.Err() != nil && stands.Load() {
			s.object.Do(func(*conformance.State) {})
		}
		return s.object.DoContext(ctx, f)
	}
}

func endedContextFutureRuns(s *shell) {
	s.futureContext = func(ctx context.Context, f jobResult) conformance.Wait {
		if ctx.Err() != nil && s.isIdle() {
			return s.object.Future(f)
		}
		return s.object.FutureContext(ctx, f)
	}
}

func onlyNewestCanceled(s *shell) {
	var mu sync.Mutex
	newest := map[<-chan struct{}]context.CancelFunc{}
	s.futureContext = func(ctx context.Context, f jobResult) conformance.Wait {
		if ctx.Err() != nil || ctx.Done() == nil {
			return s.object.FutureContext(ctx, f)
		}
		own, cancel := context.WithCancel(context.WithoutCancel(ctx))
		mu.Lock()
		newest[ctx.Done()] = cancel
		mu.Unlock()
		context.AfterFunc(ctx, func() {
			mu.Lock()
			defer mu.Unlock()
			newest[ctx.Done()]()
		})
		return s.object.FutureContext(own, f)
	}
}

func deadlineIgnored(s *shell) {
	s.doContext = func(ctx context.Context, f job) error {
		if _, ok := ctx.Deadline(); !ok || ctx.Err() != nil {
			return s.object.DoContext(ctx, f)
		}
		own, cancel := context.WithCancel(context.WithoutCancel(ctx))
		defer cancel()
		stop := context.AfterFunc(ctx, func() {
			if ctx.Err() == context.Canceled {
				cancel()
			}
		})
		defer stop()
		return s.object.DoContext(own, f)
	}
}

func causeIgnored(s *shell) {
	s.doContext = func(ctx context.Context, f job) error {
		if ctx.Err() != nil {
			return s.object.DoContext(ctx, f)
		}
		own, cancel := context.WithCancel(context.WithoutCancel(ctx))
		defer cancel()
		stop := context.AfterFunc(ctx, func() {
			if context.Cause(ctx) == ctx.Err() {
				cancel()
			}
		})
		defer stop()
		return s.object.DoContext(own, f)
	}
}

func errorLostInAfter(s *shell) {
	s.after = func(f jobAfter) (settler, conformance.Wait) {
		settle, wait := s.object.After(f)
		return func(v int, _ error) { settle(v, nil) }, wait
	}
}

// notes makes the jobs of Async and Do known to isInJob.
func (s *shell) notes() {
	noted := func(f job) job {
		return func(st *conformance.State) { s.inJob(func() { f(st) }) }
	}
	s.async = func(f job) { s.object.Async(noted(f)) }
	s.do = func(f job) { s.object.Do(noted(f)) }
}

func doFromJobRuns(s *shell) {
	s.notes()
	noted := s.do
	s.do = func(f job) {
		if s.isInJob() {
			f(&s.state)
			return
		}
		noted(f)
	}
}

func tryFromJobWaits(s *shell) {
	s.notes()
	s.tryDo = func(f job) bool {
		if s.isInJob() {
			s.object.Do(f)
			return true
		}
		return s.object.TryDo(f)
	}
}

func asyncFromTryLost(s *shell) {
	s.tryDo = func(f job) bool {
		return s.object.TryDo(func(st *conformance.State) { s.inJob(func() { f(st) }) })
	}
	s.async = func(f job) {
		if !s.isInJob() {
			s.object.Async(f)
		}
	}
}

func submitWhileClosingLost(s *shell) {
	var closing atomic.Bool
	s.close = func() {
		closing.Store(true)
		s.object.Close()
		closing.Store(false)
	}
	s.submit = func(f job) bool { return closing.Load() || s.object.Submit(f) }
}

func closeLeavesAfter(s *shell) {
	var open atomic.Int64
	s.after = func(f jobAfter) (settler, conformance.Wait) {
		settle, wait := s.object.After(f)
		open.Add(1)
		return func(v int, err error) { open.Add(-1); settle(v, err) }, wait
	}
	s.close = func() {
		if open.Load() == 0 {
			s.object.Close()
			return
		}
		s.mu.Lock()
		s.closed = true
		s.mu.Unlock()
	}
}

func futureBehindSuspension(s *shell) {
	stands := s.standing()
	s.future = func(f jobResult) conformance.Wait {
		var discarded atomic.Bool
		wait := s.object.Future(func(st *conformance.State) int {
			if discarded.Load() {
				return 0
			}
			return f(st)
		})
		return func(ctx context.Context) (int, error) {
			v, err := wait(ctx)
			if ctx.Err() != nil && stands.Load() {
				discarded.Store(true)
			}
			return v, err
		}
	}
}
