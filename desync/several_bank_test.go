package desync_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-desync/go-desync/desync"
)

// Transfers between accounts, most of them keys that come and go, by callers that give up
// after a while, beside others that do not, and jobs in the background. No money is lost
// or made, nobody waits forever, and an error says that nothing has happened.
func TestCAN1_CAN3_EXC1_ABankWhoseClientsGiveUp(t *testing.T) {
	for _, procs := range []int{1, 2, 4} {
		setProcs(t, procs)
		bankOfTheImpatient(t)
	}
}

func bankOfTheImpatient(t *testing.T) {
	const accounts, goroutines, start = 6, 8, 1_000
	transfers := scaled(20_000) + 100
	var saved desync.Desync[[accounts]int]
	saved.Do(func(s *[accounts]int) {
		for i := range s {
			s[i] = start
		}
	})
	m := desync.NewMap(func(i int) int { return saved.Sync(func(s *[accounts]int) int { return s[i] }) })
	m.EvictIdle(time.Millisecond)
	m.OnRemove(func(i int, balance *int) error {
		saved.Do(func(s *[accounts]int) { s[i] = *balance })
		return nil
	}, func(i int, err error) { t.Errorf("the balance of account %d was kept back: %v", i, err) })
	var all [accounts + 2]desync.Object[int]
	for i := range accounts {
		all[i] = m.At(i)
	}
	all[accounts], all[accounts+1] = desync.New(start), desync.New(start)
	inside := make([]atomic.Int32, len(all))
	enter := func(set ...int) {
		for _, i := range set {
			if inside[i].Add(1) != 1 {
				t.Errorf("EXC-1: two jobs of account %d overlap", i)
			}
		}
		if (set[0]+set[1])%3 == 0 {
			runtime.Gosched()
		}
		for _, i := range set {
			inside[i].Add(-1)
		}
	}
	var gaveUp, made atomic.Int64
	// impatient makes a call whose context ends at about the same time.
	impatient := func(what string, patience int, call func(ctx context.Context, ran *bool) error) {
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); spin(patience); cancel() }()
		ran := false
		err := call(ctx, &ran)
		switch {
		case err == nil && ran:
			made.Add(1)
		case err != nil && !ran && errors.Is(err, desync.ErrNotRun) && errors.Is(err, context.Canceled):
			gaveUp.Add(1)
		default:
			t.Errorf("CAN-1, CAN-2: the job of %s ran: %v, and it returned %v", what, ran, err)
		}
		<-ended
	}
	finishes(t, "the transfers", func() {
		var wg sync.WaitGroup
		for g := range goroutines {
			wg.Go(func() {
				for i := range transfers / goroutines {
					from := (i*7 + g*13) % len(all)
					to := (from + 1 + (i+g)%(len(all)-1)) % len(all)
					move := func(a, b *int) int {
						enter(from, to)
						*a -= i
						*b += i
						return 0
					}
					switch i % 8 {
					default: // most of them
						impatient("Sync2Context", i%5, func(ctx context.Context, ran *bool) error {
							_, err := desync.Sync2Context(ctx, all[from], all[to], func(_ context.Context, a, b *int) (int, error) {
								*ran = true
								return move(a, b), nil
							})
							return err
						})
					case 4:
						desync.Sync2(all[from], all[to], move)
					case 5:
						if _, err := desync.Future2(all[from], all[to], move).Await(t.Context()); err != nil {
							t.Errorf("the future of a transfer has the error %v", err)
						}
					case 6:
						desync.Future2(all[from], all[to], move)
						all[to].Async(func(*int) { spin(i % 3) })
					case 7:
						impatient("DoAllContext", i%4, func(ctx context.Context, ran *bool) error {
							return desync.DoAllContext(ctx, all[:], func(_ context.Context, balances []*int) error {
								*ran = true
								if got := total(balances); got != len(all)*start {
									t.Errorf("MEM-1: the sum of all accounts is %d; want %d", got, len(all)*start)
								}
								return nil
							})
						})
					}
				}
			})
		}
		wg.Wait()
	})
	sum := desync.FutureAll(all[:], total)
	if got, err := sum.Await(t.Context()); got != len(all)*start || err != nil {
		t.Errorf("MEM-1: the sum of all accounts is %d in the end, %v; want %d", got, err, len(all)*start)
	}
	for i := range accounts {
		m.Delete(i)
	}
	eventually(t, func() bool { return m.Len() == 0 }, "KEY-3: the keys go")
	for i, o := range all {
		// A key is no longer counted before the job that removes it has ended.
		eventually(t, func() bool { return o.Pending() == 0 }, fmt.Sprintf("the end of all jobs of account %d", i))
	}
	wantNoDrainer(t) // nor the goroutine of a Future2
	t.Logf("%d jobs of callers with a context ran, %d did not", made.Load(), gaveUp.Load())
}

func total(balances []*int) (sum int) {
	for _, b := range balances {
		sum += *b
	}
	return sum
}
