package desync_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/go-desync/go-desync/desync"
)

// CheckWait finds the object in each place of the chain, and nothing else.
func TestNST3_CheckWait(t *testing.T) {
	m := zeros[string]()
	plain, other := desync.New(0, desync.WithName("plain")), desync.New(0)
	for _, o := range []desync.Object[int]{plain, m.At("a")} {
		for _, without := range []desync.Object[int]{other, m.At("b")} {
			if err := desync.CheckWait(t.Context(), o); err != nil {
				t.Errorf("NST-3: outside of jobs CheckWait returns %v", err)
			}
			var late context.Context
			err := o.DoContext(t.Context(), func(ctx context.Context, _ *int) error {
				return without.DoContext(ctx, func(ctx context.Context, _ *int) error {
					late = ctx
					if err := desync.CheckWait(ctx, desync.New(0)); err != nil {
						t.Errorf("NST-3: of an object that nobody holds CheckWait returns %v", err)
					}
					return desync.CheckWait(ctx, o)
				})
			})
			ring, ok := errors.AsType[*desync.DeadlockError](err)
			if !ok || len(ring.Ring) != 2 || !strings.Contains(ring.Ring[0].Call, "chain_wait_test.go") {
				t.Errorf("NST-3: CheckWait returns %v; want a ring of two waits, the first at its call", err)
			}
			if err := desync.CheckWait(late, o); err != nil {
				t.Errorf("NST-3: after the job CheckWait returns %v", err)
			}
		}
	}
	made := make(chan error)
	_ = other.DoContext(t.Context(), func(ctx context.Context, _ *int) error {
		go func(ctx context.Context) { made <- desync.CheckWait(ctx, m.At("c")) }(ctx)
		return <-made
	})
	m.At("c").AsyncIfPresent(func(*int) { t.Error("CheckWait has made a value") })
	for name, call := range map[string]func(){
		"no context":    func() { _ = desync.CheckWait(nil, plain) },
		"no object":     func() { _ = desync.CheckWait(t.Context(), desync.Object[int](nil)) },
		"no job":        func() { m.At("a").SubmitIfPresent(nil) },
		"a nil pointer": func() { _ = desync.CheckWait(t.Context(), (*desync.Desync[int])(nil)) },
	} {
		if v, _ := caught(call).(string); !strings.Contains(v, "must not be nil") && !strings.Contains(v, "is nil") {
			t.Errorf("with %s the panic is %q; want one that says what is nil", name, v)
		}
	}
}
