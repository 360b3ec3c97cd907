package desync_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/go-desync/go-desync/desync"
)

// Many goroutines hold pairs of a small set of objects, in every order, beside all
// other kinds of traffic. If two of them could each get what the other needs, this
// would not end.
func TestNoDeadlockOfOverlappingSets(t *testing.T) {
	sets := map[string][][]int{
		"two in opposite order": {{0, 1}, {1, 0}},
		"a ring of three":       {{0, 1}, {1, 2}, {2, 0}},
		"all orders of three":   {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}, {0, 1}, {2, 1}},
	}
	for name, sets := range sets {
		for _, procs := range []int{1, 2, 4} {
			t.Run(fmt.Sprintf("%s, GOMAXPROCS=%d", name, procs), func(t *testing.T) {
				setProcs(t, procs)
				overlappingSets(t, sets)
			})
		}
	}
}

func overlappingSets(t *testing.T, sets [][]int) {
	rounds := scaled(4_000)
	var ds [3]*desync.Desync[int]
	var inside [3]atomic.Int32
	for i := range ds {
		ds[i] = newInt()
	}
	var want [3]atomic.Int64
	enter := func(set ...int) {
		for _, i := range set {
			if inside[i].Add(1) != 1 {
				t.Errorf("EXC-1: two jobs of object %d overlap", i)
			}
		}
	}
	leave := func(set ...int) {
		for _, i := range set {
			inside[i].Add(-1)
		}
	}
	finishes(t, "the calls that hold several objects, and those beside them", func() {
		var wg sync.WaitGroup
		for _, set := range sets {
			some := make([]*desync.Desync[int], len(set))
			for j, i := range set {
				some[j] = ds[i]
			}
			wg.Go(func() {
				for round := range rounds {
					job := func(data []*int) {
						enter(set...)
						if round%16 == 0 {
							runtime.Gosched()
						}
						for j, i := range set {
							*data[j]++
							want[i].Add(1)
						}
						leave(set...)
					}
					severalCalls[map[bool]int{true: round % 2, false: 1}[len(set) == 2]].call(some, job)
				}
			})
		}
		for i, d := range ds {
			job := func(n *int) {
				enter(i)
				*n++
				want[i].Add(1)
				leave(i)
			}
			wg.Go(func() {
				for round := range rounds / 2 {
					switch round % 4 {
					case 0:
						d.Async(job)
					case 1:
						d.Do(job)
					case 2:
						resume := d.Suspend()
						go func() { spin(round % 3); resume() }()
					case 3:
						ctx, cancel := context.WithCancel(context.Background())
						go func() { spin(round % 5); cancel() }()
						d.DoContext(ctx, func(_ context.Context, n *int) error { job(n); return nil })
					}
				}
			})
		}
		wg.Wait()
	})
	for i, d := range ds {
		if got := d.Sync(func(n *int) int { return *n }); int64(got) != want[i].Load() {
			t.Errorf("EXE-2: %d jobs of object %d have counted; want %d", got, i, want[i].Load())
		}
		wantPending(t, d, 0)
	}
}

// Transfers between accounts, where a job of two accounts stamps both. By ORD-2
// a transfer that began when another had ended has the later stamp on either.
func TestORD2_MEM1_TransfersBetweenAccounts(t *testing.T) {
	const accounts, goroutines, start = 100, 8, 1_000
	transfers := scaled(10_000)
	type account struct {
		balance int
		turn    int // transfers that have run
	}
	type transfer struct {
		began, ended int64
		accounts     [2]int
		turns        [2]int
	}
	var ds [accounts]*desync.Desync[account]
	for i := range ds {
		ds[i] = desync.New(account{balance: start})
	}
	var clock atomic.Int64
	made := make([][]transfer, goroutines)
	finishes(t, "the transfers", func() {
		var wg sync.WaitGroup
		for g := range goroutines {
			wg.Go(func() {
				for i := range transfers / goroutines {
					from := (i*7 + g*13) % 10 // a few accounts, so that transfers meet
					if i%4 == 0 {
						from = (i*31 + g) % accounts
					}
					to := (from + 1 + (i+g)%(accounts-1)) % accounts
					move := transfer{accounts: [2]int{from, to}, began: clock.Add(1)}
					desync.Sync2(ds[from], ds[to], func(a, b *account) int {
						a.balance -= i
						b.balance += i
						a.turn++
						b.turn++
						move.turns = [2]int{a.turn, b.turn}
						return 0
					})
					move.ended = clock.Add(1)
					made[g] = append(made[g], move)
				}
			})
		}
		wg.Wait()
	})
	sum := 0
	desync.DoAll(ds[:], func(all []*account) {
		for _, a := range all {
			sum += a.balance
		}
	})
	if sum != accounts*start {
		t.Errorf("MEM-1: the sum of all accounts is %d after the transfers; want %d", sum, accounts*start)
	}

	// For each account, in the order of the turns: none began later than a
	// following one ended.
	type visit struct {
		turn         int
		began, ended int64
	}
	var visits [accounts][]visit
	for _, moves := range made {
		for _, m := range moves {
			for j, a := range m.accounts {
				visits[a] = append(visits[a], visit{m.turns[j], m.began, m.ended})
			}
		}
	}
	for a, vs := range visits {
		slices.SortFunc(vs, func(x, y visit) int { return x.turn - y.turn })
		latest := int64(0)
		for i, v := range vs {
			if v.turn != i+1 {
				t.Fatalf("EXC-1: account %d has turn %d where %d is due", a, v.turn, i+1)
			}
			if v.ended < latest {
				t.Fatalf("ORD-2: turn %d of account %d was that of a transfer that had ended before one of an earlier turn began", v.turn, a)
			}
			latest = max(latest, v.began)
		}
	}
}
