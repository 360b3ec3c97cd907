package recipes_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"
)

// Accounts go to the ledger and come back while money is moved: none is lost or made, at
// no moment.
func TestKEY1_RecipeBankKeepsTheSum(t *testing.T) {
	const (
		movers    = 8
		transfers = 10_000
		each      = 100
	)
	l := new(testLedger)
	var owners []string
	for i := range 20 {
		owners = append(owners, fmt.Sprint("owner ", i))
		l.Store(owners[i], each)
	}
	want := each * len(owners)
	b := newBank(l, 20*time.Microsecond)
	var all sync.WaitGroup
	for mover := range movers {
		all.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(mover)))
			for i := range transfers / movers {
				from, to := random.IntN(len(owners)), random.IntN(len(owners)-1)
				if to >= from {
					to++
				}
				if err := b.Transfer(owners[from], owners[to], random.IntN(each)); err != nil && err != errNoFunds {
					t.Errorf("a transfer from %s to %s: %v", owners[from], owners[to], err)
				}
				if i%100 == 0 {
					if got := b.Total(owners...); got != want {
						t.Errorf("KEY-1: the accounts have %d at one moment; want %d", got, want)
					}
					time.Sleep(50 * time.Microsecond) // so that accounts become idle meanwhile
				}
			}
		})
	}
	all.Wait()
	for deadline := time.Now().Add(time.Minute); b.accounts.Len() > 0; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("KEY-3: %d accounts are still in memory", b.accounts.Len())
		}
	}
	got := l.balances.Sync(func(all *map[string]int) (sum int) {
		for _, balance := range *all {
			sum += balance
		}
		return sum
	})
	if got != want {
		t.Errorf("KEY-4: the ledger has %d; want %d", got, want)
	}
}
