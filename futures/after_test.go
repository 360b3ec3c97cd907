package futures_test

import (
	"runtime"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/go-desync/go-desync/futures"
)

// A call is what a function given to AfterFunc was called with.
type call struct {
	v   int
	err error
}

func TestAfterFunc(t *testing.T) {
	for _, want := range []call{{7, nil}, {0, errWork}} {
		for _, before := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				p, f := pending[int]()
				calls := make(chan call, 10)
				if before {
					p.Settle(want.v, want.err)
				}
				stop := f.AfterFunc(func(v int, err error) { calls <- call{v, err} })
				synctest.Wait()
				if !before {
					if len(calls) > 0 {
						t.Errorf("called with %v while the future is pending", <-calls)
					}
					p.Settle(want.v, want.err)
					synctest.Wait()
				}
				for range 2 {
					if stop() {
						t.Error("stop reports that it kept the function from being called; it had been called")
					}
				}
				synctest.Wait()
				if len(calls) != 1 {
					t.Fatalf("%d calls, settled before: %t; want one", len(calls), before)
				}
				if got := <-calls; got != want {
					t.Errorf("called with %v; want %v", got, want)
				}
			})
		}
	}
}

func TestAfterFuncStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, f := pending[int]()
		stop := f.AfterFunc(func(int, error) { t.Error("called after stop had reported that it would not be") })
		if !stop() {
			t.Error("the first stop reports false while the future is pending")
		}
		if stop() {
			t.Error("the second stop reports true")
		}
		p.Resolve(1)
		synctest.Wait()
		if stop() {
			t.Error("a stop after the future has settled reports true")
		}
	})
}

// The function blocks: had it run on the stack of AfterFunc or of Resolve, the test
// would end in synctest's deadlock.
func TestAfterFuncRunsOnNobodysStack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		var wg sync.WaitGroup
		wg.Add(2)
		wait := func(int, error) { <-gate; wg.Done() }
		p, f := pending[int]()
		f.AfterFunc(wait)
		p.Resolve(1)
		f.AfterFunc(wait)
		close(gate)
		wg.Wait()
	})
}

func TestAfterFuncParksNoGoroutine(t *testing.T) {
	p, f := pending[int]()
	const n = 1000
	var wg sync.WaitGroup
	wg.Add(n)
	before := runtime.NumGoroutine()
	for range n {
		f.AfterFunc(func(int, error) { wg.Done() })
	}
	if got := runtime.NumGoroutine(); got > before {
		t.Errorf("%d goroutines, %d before; want none while the future is pending", got, before)
	}
	p.Resolve(1)
	wg.Wait()
}

// Stop and settling race: the function is called exactly if stop reports false.
func TestAfterFuncIsStoppedOrCalled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for range scaled(20_000) {
			p, f := pending[int]()
			calls := 0
			stop := f.AfterFunc(func(int, error) { calls++ })
			stopped := make(chan bool)
			go func() { stopped <- stop() }()
			p.Resolve(1)
			kept := <-stopped
			synctest.Wait()
			if kept != (calls == 0) || calls > 1 {
				t.Fatalf("stop reports %t, and the function was called %d times; want true and none, or false and one", kept, calls)
			}
		}
	})
}

func TestStoppedAfterFuncsLeaveNothingBehind(t *testing.T) {
	p, f := pending[int]()
	calls := make(chan int, 2)
	f.AfterFunc(func(v int, _ error) { calls <- v })
	wantFlat(t, func() {
		for range scaled(100_000) {
			var used [64]byte
			stop := f.AfterFunc(func(int, error) { t.Error("called after stop:", used) })
			if !stop() {
				t.Fatal("stop reports false while the future is pending")
			}
		}
	})
	f.AfterFunc(func(v int, _ error) { calls <- v })
	p.Resolve(3)
	for range 2 {
		if v := <-calls; v != 3 {
			t.Errorf("called with %d; want 3", v)
		}
	}
}

func TestAfterFuncNilFunctionPanics(t *testing.T) {
	_, f := pending[int]()
	wantPanic(t, "AfterFunc: nil function", func() { f.AfterFunc(nil) })
	wantPanic(t, "AfterFunc: nil function", func() { futures.Resolved(1).AfterFunc(nil) })
}
