package recipes_test

import (
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/go-desync/go-desync/desync"
)

// A ledger keeps the balances of accounts that nobody uses. If it cannot store one, the
// account stays in memory until it can. (To survive the end of the program, balances have to
// be stored before a transfer returns.)
type ledger interface {
	Load(owner string) (balance int)
	Store(owner string, balance int) error
}

// A bank moves money between accounts. A transfer holds two of them at once, and delays
// no other. Accounts in use are in memory, the others in the ledger.
type bank struct {
	accounts *desync.Map[string, int]
}

var (
	errNoFunds     = errors.New("not enough money")
	errSameAccount = errors.New("both accounts are the same")
)

// newBank returns a bank that stores accounts when they have been idle for a while.
func newBank(l ledger, idle time.Duration) *bank {
	b := &bank{accounts: desync.NewMap(l.Load, desync.WithName("accounts"))}
	b.accounts.OnRemove(func(owner string, balance *int) error {
		return l.Store(owner, *balance)
	}, func(owner string, err error) { log.Printf("storing the account of %s, will try again: %v", owner, err) })
	b.accounts.EvictIdle(idle)
	return b
}

// Transfer moves money, or nothing if there is not enough. Transfers in opposite
// directions at the same time cannot deadlock.
func (b *bank) Transfer(from, to string, amount int) error {
	if from == to {
		return errSameAccount // Sync2 would panic
	}
	return desync.Sync2(b.accounts.At(from), b.accounts.At(to), func(from, to *int) error {
		if *from < amount {
			return errNoFunds
		}
		*from -= amount
		*to += amount
		return nil
	})
}

// Total returns what the owners have together, at one moment.
func (b *bank) Total(owners ...string) (total int) {
	keys := make([]desync.Key[string, int], len(owners))
	for i, owner := range owners {
		keys[i] = b.accounts.At(owner)
	}
	desync.DoAll(keys, func(balances []*int) {
		for _, balance := range balances {
			total += *balance
		}
	})
	return total
}

// testLedger is a ledger in memory.
type testLedger struct {
	balances desync.Desync[map[string]int]
}

func (l *testLedger) Load(owner string) int {
	return l.balances.Sync(func(all *map[string]int) int { return (*all)[owner] })
}

func (l *testLedger) Store(owner string, balance int) error {
	l.balances.Do(func(all *map[string]int) {
		if *all == nil {
			*all = make(map[string]int)
		}
		(*all)[owner] = balance
	})
	return nil
}

// Transfers between the accounts of a bank.
func Example_bank() {
	l := new(testLedger)
	l.Store("ann", 10)
	b := newBank(l, time.Hour)
	fmt.Println(b.Transfer("ann", "bob", 7))
	fmt.Println(b.Transfer("ann", "bob", 7))
	fmt.Println(b.Transfer("bob", "bob", 7))
	fmt.Println(b.Transfer("bob", "ann", 2))
	fmt.Println(b.Total("ann"), b.Total("bob"), b.Total("ann", "bob"))
	// Output:
	// <nil>
	// not enough money
	// both accounts are the same
	// <nil>
	// 5 5 10
}
