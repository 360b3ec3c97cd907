package mutant

import (
	"context"
	"errors"
	"runtime"

	"github.com/go-desync/go-desync/conformance"
)

// subjects are the mutants that misbehave in functions of their own: in New, or in the
// methods of a feature.
func subjects() []Mutant {
	calls := Range{Low: 2, High: 3, Unit: "calls", Example: 3}
	all := []Mutant{
		{Name: "new-exits", Rule: "META-2", Doc: "New calls runtime.Goexit", supply: func(*supplier) (conformance.Object, error) { runtime.Goexit(); return nil, nil }},
		{Name: "new-exits-later", Rule: "META-2", Range: calls, Doc: "New calls runtime.Goexit from its N-th call on", supply: later(func(*supplier) (conformance.Object, error) { runtime.Goexit(); return nil, nil })},
		{Name: "new-typed-nil", Rule: "META-2", Doc: "New returns a nil pointer as an object", supply: func(*supplier) (conformance.Object, error) { return (*object)(nil), nil }},
		{Name: "new-typed-nil-later", Rule: "META-2", Range: calls, Doc: "New returns a nil pointer as an object from its N-th call on", supply: later(func(*supplier) (conformance.Object, error) { return (*object)(nil), nil })},
		{Name: "new-object-twice", Rule: "META-2", Range: calls, Doc: "New returns the object before from its N-th call on", supply: newObjectTwice},
		{Name: "new-blocks", Rule: "META-2", Doc: "New does not return", supply: func(*supplier) (conformance.Object, error) { select {} }},
		{Name: "new-blocks-later", Rule: "META-2", Range: calls, Doc: "New does not return from its N-th call on", supply: later(func(*supplier) (conformance.Object, error) { select {} })},
		{Name: "new-panics-later", Rule: "META-2", Range: calls, Doc: "New panics from its N-th call on", supply: later(func(*supplier) (conformance.Object, error) { panic("no more objects") })},
		{Name: "new-fails-later", Rule: "META-2", Range: calls, Doc: "New returns an error from its N-th call on", supply: later(func(*supplier) (conformance.Object, error) { return nil, errNoMore })},

		{Name: "future-panics", Rule: "FUT-1", Doc: "Future panics", change: func(s *shell) { s.future = func(jobResult) conformance.Wait { panic("not now") } }},
		{Name: "future-wait-exits", Rule: "FUT-1", Doc: "the wait for a future calls runtime.Goexit", change: futureWaitExits},
		{Name: "context-panics", Rule: "CAN-1", Doc: "DoContext panics", change: func(s *shell) { s.doContext = func(context.Context, job) error { panic("not now") } }},
		{Name: "future-context-panics", Rule: "CAN-1", Doc: "FutureContext panics", change: func(s *shell) {
			s.futureContext = func(context.Context, jobResult) conformance.Wait { panic("not now") }
		}},
		{Name: "try-panics", Rule: "TRY-1", Doc: "TryDo panics", change: func(s *shell) { s.tryDo = func(job) bool { panic("not now") } }},
		{Name: "try-exits", Rule: "TRY-1", Doc: "TryDo calls runtime.Goexit", change: func(s *shell) { s.tryDo = func(job) bool { runtime.Goexit(); return false } }},
		{Name: "after-panics", Rule: "AFT-1", Doc: "After panics", change: func(s *shell) { s.after = func(jobAfter) (settler, conformance.Wait) { panic("not now") } }},
		{Name: "settle-exits", Rule: "AFT-1", Doc: "the settle of an After calls runtime.Goexit", change: settleExits},
		{Name: "suspend-panics", Rule: "SUS-1", Doc: "Suspend panics", change: func(s *shell) { s.suspend = func() func() { panic("not now") } }},
		{Name: "suspend-exits", Rule: "SUS-1", Doc: "Suspend calls runtime.Goexit", change: func(s *shell) { s.suspend = func() func() { runtime.Goexit(); return nil } }},
		{Name: "resume-exits", Rule: "SUS-2", Doc: "a second call of a resume calls runtime.Goexit", change: resumeExits},
		{Name: "several-panics", Rule: "MUL-1", Doc: "DoAll panics", change: func(s *shell) { s.doAll = func([]conformance.Object, jobOfAll) { panic("not now") } }},
		{Name: "close-panics", Rule: "CLO-1", Doc: "Close panics", change: func(s *shell) { s.close = func() { panic("not now") } }},
		{Name: "second-close-exits", Rule: "CLO-3", Doc: "a second Close calls runtime.Goexit", change: secondCloseExits},
		{Name: "on-panic-panics", Rule: "PAN-3", Doc: "OnPanic panics", change: func(s *shell) { s.onPanic = func(func(any)) { panic("not now") } }},
	}
	return family("subject", conformance.Short, all)
}

var errNoMore = errors.New("there are no more objects")

// later makes the fault show from the N-th call of New on.
func later(fault func(*supplier) (conformance.Object, error)) func(*supplier) (conformance.Object, error) {
	return func(s *supplier) (conformance.Object, error) {
		if s.due() {
			return fault(s)
		}
		return s.fresh(), nil
	}
}

func newObjectTwice(s *supplier) (conformance.Object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last == nil || !s.due() {
		s.last = s.fresh()
	}
	return s.last, nil
}

func futureWaitExits(s *shell) {
	s.future = func(f jobResult) conformance.Wait {
		s.object.Future(f)
		return func(context.Context) (int, error) { runtime.Goexit(); return 0, nil }
	}
}

func settleExits(s *shell) {
	s.after = func(f jobAfter) (settler, conformance.Wait) {
		settle, wait := s.object.After(f)
		return func(v int, err error) { settle(v, err); runtime.Goexit() }, wait
	}
}

func resumeExits(s *shell) {
	s.suspend = func() (resume func()) {
		ends := s.object.Suspend()
		called := make(chan struct{}, 1)
		return func() {
			select {
			case called <- struct{}{}:
				ends()
			default:
				runtime.Goexit()
			}
		}
	}
}

func secondCloseExits(s *shell) {
	s.close = func() {
		s.mu.Lock()
		closed := s.closed
		s.mu.Unlock()
		if s.object.Close(); closed {
			runtime.Goexit()
		}
	}
}
