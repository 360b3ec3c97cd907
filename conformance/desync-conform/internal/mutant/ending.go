package mutant

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"github.com/go-desync/go-desync/conformance"
)

// endings are the mutants that are wrong when a job of one kind ends in one way.
func endings() []Mutant {
	return family("ending", conformance.Short, []Mutant{
		{Name: "panic-as-text", Rule: "PAN-1", Doc: "a panic in the job of Do arrives as the text of its value", change: panicAsText},
		{Name: "try-panic-as-text", Rule: "PAN-1", Doc: "a panic in the job of TryDo arrives as the text of its value", change: tryPanicAsText},
		{Name: "nil-panic-swallowed", Rule: "PAN-1", Doc: "a panic with nil in the job of Do is swallowed", change: nilPanicSwallowed},
		{Name: "context-panic-is-error", Rule: "PAN-1", Doc: "a panic in the job of DoContext is returned as an error", change: contextPanicIsError},
		{Name: "future-panic-loses-value", Rule: "PAN-2", Doc: "a future whose job panics with something that is not a string settles with an error that does not have the value", change: futurePanicLosesValue},
		{Name: "future-nil-panic-is-value", Rule: "PAN-2", Doc: "a future whose job panics with nil settles without an error", change: futureNilPanicIsValue},
		{Name: "after-panic-unsettled", Rule: "PAN-2", Doc: "the future of an After whose job panics never settles", change: afterUnsettled(false)},
		{Name: "handler-gets-text", Rule: "PAN-3", Doc: "the handler gets the text of the value", change: handlerGetsText},
		{Name: "nil-panic-not-handled", Rule: "PAN-3", Doc: "the handler is not told of a panic with nil", change: nilPanicNotHandled},
		{Name: "struct-panic-keeps-turn", Rule: "PAN-4", Doc: "a Do whose job panics with neither a string nor an error keeps the turn", change: structPanicKeepsTurn},
		{Name: "try-panic-keeps-turn", Rule: "PAN-4", Doc: "a TryDo whose job panics keeps the turn", change: tryKeepsTurn(false)},
		{Name: "context-panic-keeps-turn", Rule: "PAN-4", Doc: "a DoContext whose job panics keeps the turn", change: contextKeepsTurn(false)},
		{Name: "several-panic-keeps-others", Rule: "PAN-4", Doc: "a DoAll whose job panics lets go of the first object only", change: severalKeepOthers(false)},
		{Name: "context-goexit-keeps-turn", Rule: "SYN-2", Doc: "a DoContext whose job calls runtime.Goexit keeps the turn", change: contextKeepsTurn(true)},
		{Name: "try-goexit-keeps-turn", Rule: "SYN-2", Doc: "a TryDo whose job calls runtime.Goexit keeps the turn", change: tryKeepsTurn(true)},
		{Name: "several-goexit-keeps-others", Rule: "SYN-2", Doc: "a DoAll whose job calls runtime.Goexit lets go of the first object only", change: severalKeepOthers(true)},
		{Name: "after-goexit-unsettled", Rule: "PAN-5", Doc: "the future of an After whose job calls runtime.Goexit never settles", change: afterUnsettled(true)},
		{Name: "future-context-goexit-is-value", Rule: "PAN-5", Doc: "a FutureContext whose job calls runtime.Goexit settles without an error", change: futureContextGoexitIsValue},
	})
}

func panicAsText(s *shell) {
	s.do = func(f job) {
		defer func() {
			if v := recover(); v != nil {
				panic(fmt.Sprint(v))
			}
		}()
		s.object.Do(f)
	}
}

func tryPanicAsText(s *shell) {
	s.tryDo = func(f job) bool {
		defer func() {
			if v := recover(); v != nil {
				panic(fmt.Sprint(v))
			}
		}()
		return s.object.TryDo(f)
	}
}

// isNilPanic reports whether v is what a panic with nil is recovered as.
func isNilPanic(v any) bool {
	_, ok := v.(*runtime.PanicNilError)
	return ok
}

func nilPanicSwallowed(s *shell) {
	s.do = func(f job) {
		defer func() {
			if v := recover(); v != nil && !isNilPanic(v) {
				panic(v)
			}
		}()
		s.object.Do(f)
	}
}

func contextPanicIsError(s *shell) {
	s.doContext = func(ctx context.Context, f job) (err error) {
		defer func() {
			if v := recover(); v != nil {
				err = fmt.Errorf("the job panicked: %v", v)
			}
		}()
		return s.object.DoContext(ctx, f)
	}
}

// overwritten is a wait whose error is another one if the job has said so.
func overwritten(wait conformance.Wait, err *error) conformance.Wait {
	return func(ctx context.Context) (int, error) {
		v, was := wait(ctx)
		if was != nil && ctx.Err() == nil && *err != nil {
			return v, *err
		}
		return v, was
	}
}

var errPanicked = errors.New("the job panicked")

func futurePanicLosesValue(s *shell) {
	s.future = func(f jobResult) conformance.Wait {
		var lost error
		return overwritten(s.object.Future(func(st *conformance.State) (v int) {
			watched(func() { v = f(st) }, func(thrown any) {
				if _, text := thrown.(string); thrown != nil && !text {
					lost = errPanicked
				}
			})
			return v
		}), &lost)
	}
}

func futureNilPanicIsValue(s *shell) {
	s.future = func(f jobResult) conformance.Wait {
		return s.object.Future(func(st *conformance.State) (v int) {
			defer func() {
				if thrown := recover(); thrown != nil && !isNilPanic(thrown) {
					panic(thrown)
				}
			}()
			return f(st)
		})
	}
}

// afterUnsettled is about a job that panics, or about one that ends its goroutine.
func afterUnsettled(goexit bool) func(*shell) {
	return func(s *shell) {
		s.after = func(f jobAfter) (settler, conformance.Wait) {
			unsettled := false
			settle, wait := s.object.After(func(st *conformance.State, v int, err error) (r int) {
				watched(func() { r = f(st, v, err) }, func(thrown any) { unsettled = goexit == (thrown == nil) })
				return r
			})
			return settle, func(ctx context.Context) (int, error) {
				v, err := wait(ctx)
				if err != nil && ctx.Err() == nil && unsettled {
					<-ctx.Done()
					return 0, ctx.Err()
				}
				return v, err
			}
		}
	}
}

func handlerGetsText(s *shell) {
	s.onPanic = func(handler func(any)) { s.object.OnPanic(func(v any) { handler(fmt.Sprint(v)) }) }
}

func nilPanicNotHandled(s *shell) {
	s.onPanic = func(handler func(any)) {
		s.object.OnPanic(func(v any) {
			if !isNilPanic(v) {
				handler(v)
			}
		})
	}
}

func structPanicKeepsTurn(s *shell) {
	s.do = func(f job) {
		s.object.Do(func(st *conformance.State) {
			watched(func() { f(st) }, func(v any) {
				switch v.(type) {
				case nil, string, error:
				default:
					s.wedge()
				}
			})
		})
	}
}

func contextKeepsTurn(goexit bool) func(*shell) {
	return func(s *shell) {
		s.doContext = func(ctx context.Context, f job) error {
			return s.object.DoContext(ctx, s.wedging(f, goexit))
		}
	}
}

func tryKeepsTurn(goexit bool) func(*shell) {
	return func(s *shell) {
		s.tryDo = func(f job) bool { return s.object.TryDo(s.wedging(f, goexit)) }
	}
}

// wedging is f, which keeps the turn if it panics, or if it ends its goroutine.
func (s *shell) wedging(f job, goexit bool) job {
	return func(st *conformance.State) {
		watched(func() { f(st) }, func(v any) {
			if goexit == (v == nil) {
				s.wedge()
			}
		})
	}
}

func severalKeepOthers(goexit bool) func(*shell) {
	return func(s *shell) {
		s.doAll = func(others []conformance.Object, f jobOfAll) {
			s.object.DoAll(others, func(states []*conformance.State) {
				watched(func() { f(states) }, func(v any) {
					if goexit != (v == nil) {
						return
					}
					for _, o := range others {
						o.(interface{ base() *object }).base().wedge()
					}
				})
			})
		}
	}
}

func futureContextGoexitIsValue(s *shell) {
	s.futureContext = func(ctx context.Context, f jobResult) conformance.Wait {
		ended := false
		wait := s.object.FutureContext(ctx, func(st *conformance.State) (v int) {
			watched(func() { v = f(st) }, func(thrown any) { ended = thrown == nil })
			return v
		})
		return func(own context.Context) (int, error) {
			v, err := wait(own)
			if err != nil && own.Err() == nil && ctx.Err() == nil && ended {
				return 0, nil
			}
			return v, err
		}
	}
}
