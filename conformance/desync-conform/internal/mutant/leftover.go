package mutant

import (
	"context"
	"runtime"

	"github.com/go-desync/go-desync/conformance"
)

// leftovers are the mutants that keep something: a goroutine, a job, a context or a
// result.
func leftovers() []Mutant {
	return family("leftover", conformance.Short, []Mutant{
		{Name: "closed-goroutine-stays", Rule: "LEAK-1", Doc: "the goroutine of a closed object stays", change: closedGoroutineStays},
		{Name: "context-watcher-stays", Rule: "LEAK-1", Doc: "a DoContext starts a goroutine that waits for the end of its context, however the call ends", change: contextWatcherStays},
		{Name: "suspension-goroutine-stays", Rule: "LEAK-1", Doc: "each Suspend starts a goroutine that stays after the resume", change: suspensionGoroutineStays},
		{Name: "after-goroutine-stays", Rule: "LEAK-1", Doc: "each After leaves a goroutine when it is settled", change: afterGoroutineStays},
		{Name: "goexit-goroutine-stays", Rule: "LEAK-1", Doc: "a Do whose job calls runtime.Goexit leaves a goroutine", change: goexitGoroutineStays},
		{Name: "given-up-goroutine-stays", Rule: "LEAK-1", Doc: "a DoContext that is given up leaves a goroutine", change: givenUpGoroutineStays},
		{Name: "do-job-kept", Rule: "LEAK-2", Doc: "the object keeps the job of the last Do", change: doJobKept},
		{Name: "try-job-kept", Rule: "LEAK-2", Doc: "the object keeps the job of the last TryDo", change: tryJobKept},
		{Name: "several-job-kept", Rule: "LEAK-2", Doc: "the object keeps the job of the last DoAll", change: severalJobKept},
		{Name: "future-job-kept", Rule: "LEAK-2", Doc: "the object keeps the job of the last Future", change: futureJobKept},
		{Name: "after-job-kept", Rule: "LEAK-2", Doc: "the object keeps the job of the last After", change: afterJobKept},
		{Name: "panicked-job-kept", Rule: "LEAK-2", Doc: "the object keeps the last job of a Do that panicked", change: endedJobKept(false)},
		{Name: "goexit-job-kept", Rule: "LEAK-2", Doc: "the object keeps the last job of a Do that called runtime.Goexit", change: endedJobKept(true)},
		{Name: "context-keeps-job", Rule: "LEAK-2", Doc: "the job of a DoContext is kept as long as its context, which may live longer", change: contextKeepsJob},
		{Name: "finished-context-kept", Rule: "LEAK-2", Doc: "the object keeps the context of the last DoContext", change: finishedContextKept},
		{Name: "canceled-context-kept", Rule: "CAN-4", Doc: "the object keeps the context of the last call that was given up", change: canceledContextKept},
		{Name: "canceled-future-kept", Rule: "CAN-4", Doc: "the object keeps the jobs of FutureContext until their turn would have come", change: canceledFutureKept},
	})
}

// stay starts a goroutine that never ends.
func stay() { go func() { <-make(chan struct{}) }() }

func closedGoroutineStays(s *shell) {
	s.close = func() {
		s.mu.Lock()
		first := !s.closed
		s.mu.Unlock()
		if s.object.Close(); first {
			stay()
		}
	}
}

func contextWatcherStays(s *shell) {
	s.doContext = func(ctx context.Context, f job) error {
		go func() { <-ctx.Done() }()
		return s.object.DoContext(ctx, f)
	}
}

func suspensionGoroutineStays(s *shell) {
	s.suspend = func() (resume func()) {
		stay()
		return s.object.Suspend()
	}
}

func afterGoroutineStays(s *shell) {
	s.after = func(f jobAfter) (settler, conformance.Wait) {
		settle, wait := s.object.After(f)
		return func(v int, err error) { stay(); settle(v, err) }, wait
	}
}

func goexitGoroutineStays(s *shell) {
	s.do = func(f job) {
		s.object.Do(func(st *conformance.State) {
			watched(func() { f(st) }, func(v any) {
				if v == nil {
					stay()
				}
			})
		})
	}
}

func givenUpGoroutineStays(s *shell) {
	s.doContext = func(ctx context.Context, f job) error {
		err := s.object.DoContext(ctx, f)
		if err != nil {
			stay()
		}
		return err
	}
}

// In those that follow, the closures of the shell hold kept, and so the object does.

func doJobKept(s *shell) {
	var kept job
	s.do = func(f job) { s.object.Do(func(st *conformance.State) { kept = f; f(st) }) }
	s.keeps(&kept)
}

// keeps makes the object hold what p refers to.
func (s *shell) keeps(p any) {
	closing := s.close
	s.close = func() { closing(); runtime.KeepAlive(p) }
}

func tryJobKept(s *shell) {
	var kept job
	s.tryDo = func(f job) bool {
		return s.object.TryDo(func(st *conformance.State) { kept = f; f(st) })
	}
	s.keeps(&kept)
}

func severalJobKept(s *shell) {
	var kept jobOfAll
	s.doAll = func(others []conformance.Object, f jobOfAll) {
		s.object.DoAll(others, func(states []*conformance.State) { kept = f; f(states) })
	}
	s.keeps(&kept)
}

func futureJobKept(s *shell) {
	var kept jobResult
	s.future = func(f jobResult) conformance.Wait {
		return s.object.Future(func(st *conformance.State) int { kept = f; return f(st) })
	}
	s.keeps(&kept)
}

func afterJobKept(s *shell) {
	var kept jobAfter
	s.after = func(f jobAfter) (settler, conformance.Wait) {
		return s.object.After(func(st *conformance.State, v int, err error) int { kept = f; return f(st, v, err) })
	}
	s.keeps(&kept)
}

// endedJobKept is about a job that panics, or about one that ends its goroutine.
func endedJobKept(goexit bool) func(*shell) {
	return func(s *shell) {
		var kept job
		s.do = func(f job) {
			s.object.Do(func(st *conformance.State) {
				watched(func() { f(st) }, func(v any) {
					if goexit == (v == nil) {
						kept = f
					}
				})
			})
		}
		s.keeps(&kept)
	}
}

func contextKeepsJob(s *shell) {
	s.doContext = func(ctx context.Context, f job) error {
		context.AfterFunc(ctx, func() { runtime.KeepAlive(f) })
		return s.object.DoContext(ctx, f)
	}
}

func finishedContextKept(s *shell) {
	var kept context.Context
	s.doContext = func(ctx context.Context, f job) error {
		return s.object.DoContext(ctx, func(st *conformance.State) { kept = ctx; f(st) })
	}
	s.keeps(&kept)
}

func canceledContextKept(s *shell) {
	kept := make(chan context.Context, 1)
	s.doContext = func(ctx context.Context, f job) error {
		err := s.object.DoContext(ctx, f)
		if err != nil {
			select {
			case <-kept:
			default:
			}
			select {
			case kept <- ctx:
			default:
			}
		}
		return err
	}
	s.keeps(kept)
}

func canceledFutureKept(s *shell) {
	s.futureContext = func(ctx context.Context, f jobResult) conformance.Wait {
		wait := s.object.FutureContext(ctx, f)
		s.mustQueue(&entry{job: func() { runtime.KeepAlive(f) }})
		return wait
	}
}
