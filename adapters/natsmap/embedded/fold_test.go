package embedded_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/go-desync/go-desync/adapters/natsmap"
	"github.com/go-desync/go-desync/adapters/natsmap/embedded"
	"github.com/go-desync/go-desync/desync"
)

type account struct{ Cents int }

var (
	bank    = natsmap.New[account]("bank", natsmap.Partitions(4))
	deposit = bank.Command("deposit", func(_ *natsmap.Turn, a *account, cents int) (int, error) {
		a.Cents += cents
		if cents < 0 {
			return 0, errors.New("a deposit is positive")
		}
		return a.Cents, nil
	})
	transfer = bank.Command("transfer", func(t *natsmap.Turn, a *account, to string) (int, error) {
		a.Cents--
		t.Send(to, deposit, 1)
		return a.Cents, nil
	})
)

// serve serves m until the test ends.
func serve(t *testing.T, m *natsmap.Map[account]) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- m.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func opened(t *testing.T) *natsmap.Map[account] {
	t.Helper()
	m, err := bank.Open(t.Context(), embedded.Test(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	return m
}

func TestCommands(t *testing.T) {
	m := opened(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := m.Async(ctx, "ann", deposit, 100); err != nil {
		t.Fatal(err)
	}
	serve(t, m)
	if cents, err := m.Sync(ctx, "ann", deposit, 20); err != nil || cents != 120 {
		t.Fatalf("the deposit gave %d and %v; want 120", cents, err)
	}
	var refused *natsmap.RefusedError
	if _, err := m.Sync(ctx, "ann", deposit, -1); !errors.As(err, &refused) || refused.Text != "a deposit is positive" || errors.Is(err, desync.ErrNotRun) {
		t.Errorf("a deposit of -1 gave %v", err)
	}
	if a, info, err := m.Get(ctx, "ann"); err != nil || a.Cents != 120 || info.Seq != 3 {
		t.Errorf("Get gave %+v, %+v, %v; want 120 cents after 3 commands", a, info, err)
	}
	if cents, err := m.Sync(ctx, "ann", transfer, "bob"); err != nil || cents != 119 {
		t.Errorf("the transfer gave %d and %v; want 119", cents, err)
	}
	if cents, err := m.Sync(ctx, "bob", deposit, 1); err != nil || cents != 2 {
		t.Errorf("bob has %d and %v; want 2", cents, err)
	}
	for range 2 {
		if cents, err := m.Sync(ctx, "eve", deposit, 5, natsmap.WithID("eve's first")); err != nil || cents != 5 {
			t.Errorf("with the same ID: %d and %v; want 5", cents, err)
		}
	}
}

// Each key runs the commands of each caller in their order, and each once.
func TestOrder(t *testing.T) {
	type log struct{ Last []int }
	f := natsmap.New[log]("order", natsmap.Partitions(4))
	note := f.Command("note", func(_ *natsmap.Turn, l *log, in [2]int) (int, error) {
		for len(l.Last) <= in[0] {
			l.Last = append(l.Last, -1)
		}
		if l.Last[in[0]] != in[1]-1 {
			return 0, fmt.Errorf("%d came after %d", in[1], l.Last[in[0]])
		}
		l.Last[in[0]] = in[1]
		return in[1], nil
	})
	m, err := f.Open(t.Context(), embedded.Test(t))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	serving, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- m.Serve(serving) }()
	var callers sync.WaitGroup
	const calls, keys = 300, 5
	for caller := range 4 {
		callers.Go(func() {
			for i := range calls {
				for k := range keys {
					key := fmt.Sprintf("key %d", k)
					if i%3 == 0 {
						m.Future(ctx, key, note, [2]int{caller, i})
					} else if err := m.Async(ctx, key, note, [2]int{caller, i}); err != nil {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	callers.Wait()
	for k := range keys {
		key := fmt.Sprintf("key %d", k)
		if n, err := m.Sync(ctx, key, note, [2]int{4, 0}); err != nil || n != 0 {
			t.Error(n, err)
		}
		l, _, err := m.Get(ctx, key)
		if err != nil {
			t.Fatal(err)
		}
		for caller := range 4 {
			if l.Last[caller] != calls-1 {
				t.Errorf("%s has of caller %d the call %d last; want %d", key, caller, l.Last[caller], calls-1)
			}
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
