//go:build race || desyncdebug

package desync_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/go-desync/go-desync/desync"
)

// A job that awaits what is queued behind it waits for its own end.
func TestNST3_AwaitBehindOneself(t *testing.T) {
	d := desync.New(0, desync.WithName("ledger"))
	err := d.Sync(func(*int) error {
		_, err := d.Future(func(n *int) int { return *n }).Await(t.Context())
		return err
	})
	ring, ok := errors.AsType[*desync.DeadlockError](err)
	if !ok {
		t.Fatalf("NST-3: awaiting a job queued behind the own one gave %v; want a *DeadlockError", err)
	}
	if len(ring.Ring) != 1 || ring.Ring[0].Object != `"ledger"` || !strings.Contains(ring.Ring[0].Call, "await_test.go:") {
		t.Errorf("NST-3: the ring is %+v; want one wait for \"ledger\" in await_test.go", ring.Ring)
	}
	if n := d.Sync(func(n *int) int { return *n }); n != 0 {
		t.Errorf("the object has %d after it; want 0", n)
	}
}

// Two jobs that await a job on each other's object.
func TestNST3_AwaitInARing(t *testing.T) {
	a, b := desync.New("a", desync.WithName("a")), desync.New("b", desync.WithName("b"))
	held := make(chan struct{}, 2)
	both := make(chan struct{})
	await := func(own, other *desync.Desync[string]) func() error {
		return func() error {
			return own.Sync(func(*string) error {
				held <- struct{}{}
				<-both
				_, err := other.Future(func(s *string) string { return *s }).Await(context.Background())
				return err
			})
		}
	}
	errs := make(chan error, 2)
	for _, f := range []func() error{await(a, b), await(b, a)} {
		go func() { errs <- f() }()
	}
	<-held
	<-held
	close(both)
	// One closes the ring and is told; the other's wait then ends.
	first, second := <-errs, <-errs
	var ring *desync.DeadlockError
	if errors.As(first, &ring) == errors.As(second, &ring) {
		t.Fatalf("NST-3: the two awaits of a ring gave %v and %v; want one *DeadlockError", first, second)
	}
	if len(ring.Ring) != 2 {
		t.Errorf("NST-3: the ring is %+v; want two waits", ring.Ring)
	}
}

// No ring: the future's object is free, or held by a job that ends.
func TestNST3_AwaitWithoutARing(t *testing.T) {
	a, b := desync.New(1), desync.New(2)
	for range 1000 {
		b.Async(func(n *int) { *n++ })
		err := a.Sync(func(*int) error {
			_, err := b.Future(func(n *int) int { return *n }).Await(t.Context())
			return err
		})
		if err != nil {
			t.Fatalf("NST-3: an await that closes no ring gave %v", err)
		}
	}
}
