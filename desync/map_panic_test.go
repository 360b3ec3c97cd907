package desync_test

import (
	"context"
	"errors"
	"runtime"
	"testing"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

// A failing is a way for a constructor or a job to end without a return.
var failings = map[string]func(){
	"panic":     func() { panic("a boom") },
	"panic nil": func() { panic(nil) },
	"Goexit":    runtime.Goexit,
}

func TestMapPAN_AfterAFailureOfTheConstructorTheNextJobTriesAgain(t *testing.T) {
	for name, fail := range failings {
		for _, k := range mapKinds[string, int]() {
			if name == "Goexit" && k.name == "Async" {
				continue // not allowed; see HLP-3
			}
			t.Run(k.name+", "+name, func(t *testing.T) {
				failed, told := false, make(chan *desync.PanicError, 1)
				m := desync.NewMap(func(string) int {
					if !failed {
						failed = true
						fail()
					}
					return 1
				}, desync.WithPanicHandler(func(p *desync.PanicError) { told <- p }))
				returned := false
				finishes(t, k.name, func() {
					defer func() { recover() }()
					k.call(m, t.Context(), "a", func(*int) { t.Error("the job ran without a value") })
					returned = true
				})
				if returned == k.waits {
					t.Errorf("PAN-1: the call returned: %v; want %v", returned, !k.waits)
				}
				if k.name == "Async" {
					receive(t, told, "PAN-3: the handler")
				}
				eventually(t, func() bool { return m.Len() == 0 }, "a key without a value leaves the map")
				if got := m.At("a").Sync(func(v *int) int { return *v }); got != 1 {
					t.Errorf("PAN-4: the value of the next life is %d; want 1", got)
				}
			})
		}
	}
}

func TestMapPAN2_AFailureOfTheConstructorFailsTheFuture(t *testing.T) {
	m := desync.NewMap(func(key string) int { failings[key](); return 0 })
	for name := range failings {
		for kind, f := range map[string]*futures.Future[int]{
			"Future":        m.At(name).Future(func(*int) int { return 0 }),
			"FutureContext": m.At(name).FutureContext(t.Context(), func(context.Context, *int) (int, error) { return 0, nil }),
		} {
			_, err := f.Await(t.Context())
			_, panicked := errors.AsType[*desync.PanicError](err)
			if panicked != (name != "Goexit") || !panicked && !errors.Is(err, futures.ErrGoexit) {
				t.Errorf("PAN-2: after %s of the constructor, %s fails with %v", name, kind, err)
			}
		}
	}
}

// A failure of a job is no failure of the value.
func TestMapPAN4_AfterAFailureOfAJobTheKeyGoesOn(t *testing.T) {
	for name, fail := range failings {
		for _, k := range mapKinds[string, int]() {
			if name == "Goexit" && k.name == "Async" {
				continue // not allowed; see HLP-3
			}
			t.Run(k.name+", "+name, func(t *testing.T) {
				m := zeros[string](desync.WithPanicHandler(func(*desync.PanicError) {}))
				finishes(t, k.name, func() {
					defer func() { recover() }()
					k.call(m, t.Context(), "a", func(v *int) { *v = 5; fail() })
				})
				// Not by a Do, which might run the job and end with it.
				if err := m.Wait(t.Context()); err != nil {
					t.Fatal(err)
				}
				if got := m.At("a").Sync(func(v *int) int { return *v }); got != 5 {
					t.Errorf("PAN-4: the next job sees %d; want what the failed one left, 5", got)
				}
				m.Delete("a")
				eventually(t, func() bool { return m.Len() == 0 }, "after Delete, the pins of the failed job are gone")
			})
		}
	}
}
