package desync_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/desync"
)

// A severalCall holds the objects at once, in one of the two forms.
type severalCall struct {
	name string
	call func(ds []*desync.Desync[int], job func(data []*int))
}

// severalCalls are the calls for two objects.
var severalCalls = []severalCall{
	{"Sync2", func(ds []*desync.Desync[int], job func([]*int)) {
		desync.Sync2(ds[0], ds[1], func(a, b *int) int { job([]*int{a, b}); return 0 })
	}},
	{"DoAll", desync.DoAll[*desync.Desync[int]]},
}

func TestSync2AndDoAllGiveTheDataInOrder(t *testing.T) {
	a, b, s := desync.New(1), desync.New(2), desync.New("three")
	if got := desync.Sync2(s, a, func(s *string, a *int) string { return fmt.Sprint(*s, *a) }); got != "three1" {
		t.Errorf("the job of Sync2 gave %q; want the data of both, and of the right types", got)
	}
	desync.DoAll([]*desync.Desync[int]{b, a, newInt()}, func(data []*int) {
		if len(data) != 3 || *data[0] != 2 || *data[1] != 1 || *data[2] != 0 {
			t.Errorf("the job of DoAll got %v; want pointers to 2, 1, 0", data)
		}
		*data[0], *data[1] = *data[1], *data[0]
	})
	if got := desync.Sync2(a, b, func(a, b *int) [2]int { return [2]int{*a, *b} }); got != [2]int{2, 1} {
		t.Errorf("after a swap the objects own %v; want 2 and 1", got)
	}
}

// newInt returns an object with a zero.
func newInt() *desync.Desync[int] { return new(desync.Desync[int]) }

func TestDoAllOfNoObjectRunsTheJob(t *testing.T) {
	ran := 0
	desync.DoAll([]*desync.Desync[int](nil), func(data []*int) { ran++ })
	desync.DoAll([]*desync.Desync[int]{}, func(data []*int) { ran += 1 + len(data) })
	if ran != 2 {
		t.Errorf("two DoAlls of no object ran their jobs %d times; want twice", ran)
	}
	if v := caught(func() { desync.DoAll([]*desync.Desync[int](nil), func([]*int) { panicking("boom") }) }); v != "boom" {
		t.Errorf("PAN-1: the caller of a DoAll of no object caught %v; want boom", v)
	}
}

func TestSeveralObjectsPanicOnMisuse(t *testing.T) {
	a, b, c := desync.New(0, desync.WithName("the twice named")), desync.New(0), desync.New(0)
	job := func(*int, *int) int { t.Error("the job ran"); return 0 }
	jobAll := func([]*int) { t.Error("the job ran") }
	for name, misuse := range map[string]struct {
		call func()
		says []string
	}{
		"Sync2 of a nil first object":  {func() { desync.Sync2((*desync.Desync[int])(nil), b, job) }, []string{"desync: Sync2: ", "nil"}},
		"Sync2 of a nil second object": {func() { desync.Sync2(b, (*desync.Desync[int])(nil), job) }, []string{"desync: Sync2: ", "nil"}},
		"Sync2 of a nil job":           {func() { desync.Sync2(a, b, (func(a, b *int) int)(nil)) }, []string{"desync: Sync2: ", "nil"}},
		"DoAll of a nil object":        {func() { desync.DoAll([]*desync.Desync[int]{a, nil}, jobAll) }, []string{"desync: DoAll: ", "object 1 is nil"}},
		"DoAll of a nil job":           {func() { desync.DoAll([]*desync.Desync[int]{a, b}, nil) }, []string{"desync: DoAll: ", "nil"}},
		"Sync2 of one object twice":    {func() { desync.Sync2(a, a, job) }, []string{"desync: Sync2: ", "objects 0 and 1", "the twice named"}},
		"DoAll of one object twice": {
			func() { desync.DoAll([]*desync.Desync[int]{b, a, c, a}, jobAll) },
			[]string{"desync: DoAll: ", "objects 1 and 3", "the twice named"},
		},
		"DoAll of one without a name": {
			func() { desync.DoAll([]*desync.Desync[int]{c, a, c}, jobAll) },
			[]string{"desync: DoAll: ", "objects 0 and 2", fmt.Sprintf("%p", c)},
		},
	} {
		got := fmt.Sprint(caught(misuse.call))
		for _, want := range misuse.says {
			if !strings.Contains(got, want) {
				t.Errorf("%s panicked with %q; want it to say %q", name, got, want)
			}
		}
		for i, d := range []*desync.Desync[int]{a, b, c} {
			if n := d.Pending(); n != 0 || !d.TryDo(func(*int) {}) {
				t.Errorf("after %s object %d has %d jobs pending; want it idle", name, i, n)
			}
		}
	}
}

func TestSYN2_TheJobOfSeveralRunsOnTheCallersGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, c := range severalCalls {
			for busy := range 4 { // a bit an object
				ds := []*desync.Desync[int]{newInt(), newInt()}
				gate := make(chan struct{})
				for i, d := range ds {
					if busy>>i&1 != 0 {
						d.Async(func(*int) { <-gate })
					}
				}
				synctest.Wait()
				time.AfterFunc(time.Hour, func() { close(gate) }) // when the call waits
				caller := goid()
				c.call(ds, func([]*int) {
					if where := goid(); where != caller {
						t.Errorf("SYN-2: the job of %s ran on %s; want the caller's, %s", c.name, where, caller)
					}
				})
			}
		}
	})
}

// The place in each queue is that of the call: what was before runs before, what
// comes later after, on either object.
func TestORD2_ORD3_SeveralTakeTheirPlaceInAllQueues(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, gateA := closedGate[[]string]()
		b, gateB := closedGate[[]string]()
		wantA, wantB := queueEach(a, "before"), queueEach(b, "before")
		held := make(chan struct{})
		go desync.Sync2(b, a, func(b, a *[]string) int {
			<-held
			logged("both")(a)
			logged("both")(b)
			return 0
		})
		synctest.Wait()
		wantA = append(append(wantA, "both"), queueEach(a, "behind")...)
		wantB = append(append(wantB, "both"), queueEach(b, "behind")...)
		behind := len(wantA) / 2
		close(gateA)
		synctest.Wait()
		wantPending(t, a, 1+behind) // held for the Sync2, which waits for b
		close(gateB)
		synctest.Wait()
		wantPending(t, a, 1+behind)
		wantPending(t, b, 1+behind)
		close(held)
		synctest.Wait()
		wantPending(t, a, 0)
		wantPending(t, b, 0)
		wantLog(t, "ORD-3", a, wantA...)
		wantLog(t, "ORD-3", b, wantB...)
	})
}

func TestPAR1_AnUnrelatedObjectIsNotBlocked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, gate := closedGate[int]()
		b, other := newInt(), newInt()
		done := make(chan struct{})
		go func() {
			defer close(done)
			desync.Sync2(b, a, func(*int, *int) int { return 0 })
		}()
		synctest.Wait()
		for _, k := range kinds[int]() {
			k.call(other, func(n *int) { *n++ })
			synctest.Wait()
		}
		desync.DoAll([]*desync.Desync[int]{other, newInt()}, func(data []*int) { *data[0]++ })
		if got, want := other.Sync(func(n *int) int { return *n }), 1+len(kinds[int]()); got != want {
			t.Errorf("PAR-1: %d jobs ran on an object beside a Sync2 that waits; want %d", got, want)
		}
		select {
		case <-done:
			t.Error("EXC-1: the Sync2 ended while one of its objects is held")
		default:
		}
		close(gate)
		<-done
	})
}

func TestPAN1_PAN4_PAN5_SeveralObjectsGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, c := range severalCalls {
			for _, value := range panicValues {
				a, gateA := closedGate[int]()
				b, gateB := closedGate[int]()
				ds := []*desync.Desync[int]{a, b}
				ends := make(chan any, 2)
				go func() { ends <- caught(func() { c.call(ds, func([]*int) { panicking(value) }) }) }()
				synctest.Wait()
				exited := make(chan bool, 1)
				go func() {
					returned := false
					defer func() { exited <- !returned }()
					c.call(ds, func([]*int) { runtime.Goexit() })
					returned = true
				}()
				synctest.Wait()
				for _, d := range ds {
					for _, k := range kinds[int]() {
						go k.call(d, func(n *int) { *n++ })
						synctest.Wait()
					}
				}
				close(gateB)
				synctest.Wait()
				close(gateA)
				if v := <-ends; !isPanic(v, value) {
					t.Errorf("PAN-1: the caller of %s caught %v; want the panic of %v", c.name, v, value)
				}
				if !<-exited {
					t.Errorf("SYN-2: %s returned after its job had called Goexit", c.name)
				}
				synctest.Wait()
				for i, d := range ds {
					wantPending(t, d, 0)
					if got := d.Sync(func(n *int) int { return *n }); got != len(kinds[int]()) {
						t.Errorf("PAN-4: %d jobs of object %d ran behind a %s that panicked; want %d", got, i, c.name, len(kinds[int]()))
					}
				}
			}
		}
	})
}

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

func TestSYN3_SeveralInBubblesAfterUseOutside(t *testing.T) {
	ds := []*desync.Desync[int]{newInt(), newInt()}
	for range scaled(1_000) {
		for _, c := range severalCalls {
			ds[0].Async(func(*int) {})
			c.call(ds, func([]*int) {})
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				for i, d := range ds {
					d.Async(func(*int) { time.Sleep(time.Duration(i+1) * time.Hour) })
				}
				go c.call(ds, func([]*int) { time.Sleep(time.Hour) })
				synctest.Wait()
				c.call([]*desync.Desync[int]{ds[1], ds[0]}, func([]*int) { time.Sleep(time.Hour) })
				if took := time.Since(start); took != 4*time.Hour {
					t.Errorf("SYN-3: two %ss behind a job of 2 hours took %v of the bubble's time; want 4 hours", c.name, took)
				}
			})
		}
	}
}
