package flight_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/adapters/flight"
	"github.com/go-desync/go-desync/desync"
)

func TestKeysThatDoHarm(t *testing.T) {
	for name, show := range map[string]func(m *desync.Map[string, int]) string{
		"panics":           func(*desync.Map[string, int]) string { panic("no") },
		"ends":             func(*desync.Map[string, int]) string { runtime.Goexit(); return "" },
		"uses its object":  func(m *desync.Map[string, int]) string { m.At("secret").Do(func(*int) {}); return "never" },
		"is of a megabyte": func(*desync.Map[string, int]) string { return strings.Repeat("ü", 1<<19) },
		"is empty":         func(*desync.Map[string, int]) string { return "" },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var m *desync.Map[string, int]
				r := flight.New(flight.ShowKeys(func(string, any) string { return show(m) }))
				m = desync.NewMap(func(string) int { return 0 }, desync.WithName("orders"), desync.WithObserver(r))
				gate := make(chan struct{})
				m.At("secret").Async(func(*int) { <-gate })
				synctest.Wait()
				start := time.Now()
				for range 10 {
					s := r.Snapshot()
					if j := s.Jobs[0]; name == "is of a megabyte" {
						if !strings.HasPrefix(j.Object, "orders[üü") || len(j.Object) > 300 {
							t.Errorf("the object is %.100s", j.Object)
						}
					} else if j.Object != fmt.Sprintf("orders#%d", j.ObjectID) {
						t.Errorf("the object is %.100s; want its number", j.Object)
					}
				}
				if d := time.Since(start); d > 4*time.Second {
					t.Errorf("10 snapshots took %v", d)
				}
				close(gate)
			})
		})
	}
}

// No output has a key, unless ShowKeys says so.
func TestKeysAreNotShown(t *testing.T) {
	r := flight.New()
	m := desync.NewMap(func(string) int { return 0 }, desync.WithName("orders"), desync.WithObserver(r))
	const key = "planted"
	err := m.At(key).DoContext(t.Context(), func(ctx context.Context, _ *int) error {
		//desyncvet:ignore selfwait that it is a deadlock is what is tested
		return m.At(key).DoContext(ctx, func(context.Context, *int) error { return nil })
	})
	if _, ok := errors.AsType[*desync.DeadlockError](err); !ok {
		t.Fatalf("%v is no deadlock", err)
	}
	resume := m.At(key).Suspend()
	m.At(key).Async(func(*int) {})
	defer resume()
	s := r.Snapshot()
	if !strings.Contains(marshal(t, s), "the call would have been a deadlock") {
		t.Error("the deadlock is not shown")
	}
	for _, j := range s.Jobs {
		if text := marshal(t, s) + marshal(t, s.Busy()) + marshal(t, s.Hot("orders")) + s.Why(j.ID).String() + fmt.Sprintf("%+v", s.Chain(j.ID)) + r.String(); strings.Contains(text, key) {
			t.Errorf("the key is shown: %.1000s", text)
		}
	}
}
