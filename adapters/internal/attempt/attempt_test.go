package attempt_test

import (
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/go-desync/go-desync/adapters/internal/attempt"
	"github.com/go-desync/go-desync/futures"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// run returns what ended was called with, and whether Run returned.
func run(fn func() error) (got []error, returned bool) {
	var wg sync.WaitGroup
	wg.Go(func() {
		attempt.Run(fn, func(err error) { got = append(got, err) })
		returned = true
	})
	wg.Wait()
	return got, returned
}

func TestRun(t *testing.T) {
	failed := errors.New("failed")
	for _, c := range []struct {
		name    string
		fn      func() error
		want    func(err error) bool
		returns bool
	}{
		{"nil", func() error { return nil }, func(err error) bool { return err == nil }, true},
		{"error", func() error { return failed }, func(err error) bool { return err == failed }, true},
		{"panic", func() error { thePanic(); return nil }, func(err error) bool {
			p, ok := err.(*futures.PanicError)
			return ok && p.Value == "oops" && strings.Contains(string(p.Stack), "thePanic")
		}, true},
		{"panic(nil)", func() error { panic(nil) }, func(err error) bool {
			p, ok := err.(*futures.PanicError)
			_, isNil := p.Value.(*runtime.PanicNilError)
			return ok && isNil
		}, true},
		{"Goexit", func() error { runtime.Goexit(); return nil }, func(err error) bool { return err == futures.ErrGoexit }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, returned := run(c.fn)
			if len(got) != 1 || !c.want(got[0]) {
				t.Errorf("expected one call of ended that tells of the %s, got %v", c.name, got)
			}
			if returned != c.returns {
				t.Errorf("Run returns: expected %t, got %t", c.returns, returned)
			}
		})
	}
}

func thePanic() { panic("oops") }

func TestPanicNilOfOld(t *testing.T) {
	t.Setenv("GODEBUG", "panicnil=1")
	got, returned := run(func() error { panic(nil) })
	if p, ok := got[0].(*futures.PanicError); !ok || len(got) != 1 || !returned {
		t.Errorf("expected one PanicError and a return, got %v, %t", got, returned)
	} else if _, ok := p.Value.(*runtime.PanicNilError); !ok {
		t.Errorf("expected a PanicNilError, got %v", p.Value)
	}
}
