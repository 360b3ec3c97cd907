package mutant

import (
	"context"
	"time"

	"github.com/go-desync/go-desync/conformance"
)

// races are the mutants in which one edge of the memory model is missing: what goes over
// it is in plain variables.
func races() []Mutant {
	return family("race", conformance.Short, []Mutant{
		{Name: "try-looks-without-lock", Rule: "MEM-1", Doc: "TryDo looks at the state without the lock before it takes it", change: tryLooksWithoutLock},
		{Name: "turn-of-context-racy", Rule: "MEM-1", Doc: "a DoContext is told of its turn by a plain variable", change: turnOfContextRacy},
		{Name: "resume-racy", Rule: "MEM-1", Doc: "a resume is told by a plain variable", change: resumeRacy},
		{Name: "several-turn-racy", Rule: "MEM-1", Doc: "a DoAll is told of the turn of the other objects by plain variables", change: severalTurnRacy},
		{Name: string(objectsShareCounter), Rule: "MEM-1", Doc: "the jobs of all objects are counted in one plain variable"},
		{Name: "count-of-jobs-racy", Rule: "MEM-1", Doc: "Async reads without the lock how many jobs have run", change: countOfJobsRacy},
		{Name: "async-job-racy", Rule: "MEM-2", Doc: "Async hands over its job by a plain variable", change: asyncJobRacy},
		{Name: "future-job-racy", Rule: "MEM-2", Doc: "Future hands over its job by a plain variable", change: futureJobRacy},
		{Name: "after-value-racy", Rule: "MEM-2", Doc: "the value of an After comes by a plain variable", change: afterValueRacy},
		{Name: "after-result-racy", Rule: "MEM-2", Doc: "the result of an After is published by a plain variable", change: afterResultRacy},
		{Name: "future-context-result-racy", Rule: "MEM-2", Doc: "the result of a FutureContext is published by a plain variable", change: futureContextResultRacy},
		{Name: "second-wait-racy", Rule: "MEM-2", Doc: "the first wait for a future leaves the result for others in plain variables", change: secondWaitRacy},
		{Name: "context-end-racy", Rule: "MEM-2", Doc: "a DoContext is told by a plain variable that it is over, canceled or not", change: contextEndRacy},
		{Name: "try-end-racy", Rule: "MEM-2", Doc: "the job of TryDo runs in the background, and a plain variable tells that it has", change: tryEndRacy},
		{Name: "close-racy", Rule: "MEM-2", Doc: "Close is told by a plain variable that the last job has run", change: closeRacy},
		{Name: "handler-value-racy", Rule: "MEM-2", Doc: "the value of a panic comes to the handler by a plain variable", change: handlerValueRacy},
	})
}

// A slot passes a value on without an edge.
type slot[T any] struct {
	v    T
	full bool
}

func (p *slot[T]) put(v T) { p.v, p.full = v, true }

// take waits for the value. It gives up when ctx ends.
func (p *slot[T]) take(ctx context.Context) (v T, ok bool) {
	for !p.full {
		if ctx.Err() != nil {
			return v, false
		}
		time.Sleep(10 * time.Microsecond)
	}
	return p.v, true
}

// mustTake is take without a context.
func (p *slot[T]) mustTake() T {
	v, _ := p.take(context.Background())
	return v
}

func tryLooksWithoutLock(s *shell) {
	s.tryDo = func(f job) bool { return !s.busy && s.object.TryDo(f) }
}

func turnOfContextRacy(s *shell) {
	s.doContext = func(ctx context.Context, f job) error {
		var turned slot[struct{}]
		e := &entry{grant: func() { turned.put(struct{}{}) }}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		s.mu.Lock()
		now := s.enqueue(e)
		s.mu.Unlock()
		for !now {
			if _, now = turned.take(ctx); !now && s.cancel(e) {
				return ctx.Err()
			}
		}
		if err := s.lastLook(ctx); err != nil {
			return err
		}
		s.hold(func() { f(&s.state) })
		return nil
	}
}

func resumeRacy(s *shell) {
	s.suspend = func() (resume func()) {
		var resumed slot[struct{}]
		s.mustQueue(&entry{job: func() { resumed.mustTake() }})
		return func() { resumed.full = true }
	}
}

func severalTurnRacy(s *shell) {
	s.doAll = func(others []conformance.Object, f jobOfAll) {
		var begun, ended slot[struct{}]
		go s.object.DoAll(others, func([]*conformance.State) {
			begun.put(struct{}{})
			ended.mustTake()
		})
		begun.mustTake()
		defer ended.put(struct{}{})
		_, states := members(s.object, others)
		f(states)
	}
}

func countOfJobsRacy(s *shell) {
	run := 0
	s.async = func(f job) {
		_ = run > 0
		s.object.Async(func(st *conformance.State) { run++; f(st) })
	}
}

func asyncJobRacy(s *shell) {
	s.async = func(f job) {
		var handed slot[job]
		s.object.Async(func(st *conformance.State) { handed.mustTake()(st) })
		handed.put(f)
	}
}

func futureJobRacy(s *shell) {
	s.future = func(f jobResult) conformance.Wait {
		var handed slot[jobResult]
		wait := s.object.Future(func(st *conformance.State) int { return handed.mustTake()(st) })
		handed.put(f)
		return wait
	}
}

// An answer is what a future settles with.
type answer struct {
	v   int
	err error
}

func afterValueRacy(s *shell) {
	s.after = func(f jobAfter) (settler, conformance.Wait) {
		var in slot[answer]
		wait := s.object.Future(func(st *conformance.State) int {
			a := in.mustTake()
			return f(st, a.v, a.err)
		})
		return func(v int, err error) { in.put(answer{v, err}) }, wait
	}
}

// racy is a wait whose result comes by a plain variable.
func racy(wait conformance.Wait) conformance.Wait {
	out := new(slot[answer])
	go func() {
		v, err := wait(context.Background())
		out.put(answer{v, err})
	}()
	return func(ctx context.Context) (int, error) {
		a, ok := out.take(ctx)
		if !ok {
			return 0, ctx.Err()
		}
		return a.v, a.err
	}
}

func afterResultRacy(s *shell) {
	s.after = func(f jobAfter) (settler, conformance.Wait) {
		settle, wait := s.object.After(f)
		return settle, racy(wait)
	}
}

func futureContextResultRacy(s *shell) {
	s.futureContext = func(ctx context.Context, f jobResult) conformance.Wait {
		return racy(s.object.FutureContext(ctx, f))
	}
}

func secondWaitRacy(s *shell) {
	s.future = func(f jobResult) conformance.Wait {
		wait := s.object.Future(f)
		var first slot[answer]
		return func(ctx context.Context) (int, error) {
			if first.full {
				return first.v.v, first.v.err
			}
			v, err := wait(ctx)
			if ctx.Err() == nil {
				first.put(answer{v, err})
			}
			return v, err
		}
	}
}

func contextEndRacy(s *shell) {
	s.doContext = func(ctx context.Context, f job) error {
		var ended slot[error]
		go func() { ended.put(s.object.DoContext(ctx, f)) }()
		return ended.mustTake()
	}
}

func tryEndRacy(s *shell) {
	s.tryDo = func(f job) bool {
		var ended slot[bool]
		go func() { ended.put(s.object.TryDo(f)) }()
		return ended.mustTake()
	}
}

func closeRacy(s *shell) {
	s.close = func() {
		var ended slot[struct{}]
		go func() { s.object.Close(); ended.put(struct{}{}) }()
		ended.mustTake()
	}
}

func handlerValueRacy(s *shell) {
	s.onPanic = func(handler func(any)) {
		s.object.OnPanic(func(v any) {
			var handed slot[any]
			go func() { handler(handed.mustTake()) }()
			handed.put(v)
		})
	}
}
