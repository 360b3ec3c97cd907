package desync_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/go-desync/go-desync/desync"
)

// wantCounting fails unless log is 0, 1, 2 and so on up to n-1.
func wantCounting(t *testing.T, rule string, log []int, n int) {
	t.Helper()
	for i, got := range log {
		if got != i {
			t.Fatalf("%s: job %d ran at place %d; want every job at its own place", rule, got, i)
		}
	}
	if len(log) != n {
		t.Fatalf("%s: %d jobs ran; want %d", rule, len(log), n)
	}
}

func TestORD1_OneGoroutineMixesAllKinds(t *testing.T) {
	d := desync.New([]int(nil))
	all := kinds[[]int]()
	n := scaled(100_000)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		all[r.IntN(len(all))].call(d, func(log *[]int) { *log = append(*log, i) })
	}
	wantCounting(t, "ORD-1", d.Sync(func(log *[]int) []int { return *log }), n)
}

func TestORD1_EachOfManyGoroutines(t *testing.T) {
	type entry struct{ from, n int }
	const goroutines = 8
	d := desync.New([]entry(nil))
	all := kinds[[]entry]()
	n := scaled(20_000)
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(g), 1))
			for i := range n {
				all[r.IntN(len(all))].call(d, func(log *[]entry) { *log = append(*log, entry{g, i}) })
			}
		})
	}
	wg.Wait()
	var next [goroutines]int
	for _, e := range d.Sync(func(log *[]entry) []entry { return *log }) {
		if e.n != next[e.from] {
			t.Fatalf("ORD-1: job %d of goroutine %d ran when %d was its next", e.n, e.from, next[e.from])
		}
		next[e.from]++
	}
	for g, got := range next {
		if got != n {
			t.Errorf("EXE-2: %d jobs of goroutine %d ran; want %d", got, g, n)
		}
	}
}

// The goroutines make their calls one at a time, so that each returns before the
// next begins.
func TestORD2_AcrossGoroutines(t *testing.T) {
	const goroutines = 4
	d := desync.New([]int(nil))
	all := kinds[[]int]()
	n := scaled(20_000)
	var turn sync.Mutex
	calls := 0
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(g), 3))
			for range n {
				turn.Lock()
				i := calls
				calls++
				all[r.IntN(len(all))].call(d, func(log *[]int) { *log = append(*log, i) })
				turn.Unlock()
			}
		})
	}
	wg.Wait()
	wantCounting(t, "ORD-2", d.Sync(func(log *[]int) []int { return *log }), n*goroutines)
}

// For all sequences of four kinds of call behind a job that holds the object. Those that
// wait, one after the other with no other call in between, may run in any order.
func TestORD3_NothingOvertakesWhatIsQueued(t *testing.T) {
	all := kinds[[]int]()
	returns := make(map[string]bool) // before its job runs
	for _, k := range background[[]int]() {
		returns[k.name] = true
	}
	synctest.Test(t, func(t *testing.T) {
		for sequence := range len(all) * len(all) * len(all) * len(all) {
			d := desync.New([]int(nil))
			gate := make(chan struct{})
			d.Async(func(*[]int) { <-gate })
			name := ""
			rest := sequence
			var part [4]int // calls of one part may run in any order
			free := false   // the last call waits
			for i := range 4 {
				k := all[rest%len(all)]
				rest /= len(all)
				name += k.name + ", "
				if i > 0 {
					part[i] = part[i-1]
					if !free || returns[k.name] {
						part[i]++
					}
				}
				free = !returns[k.name]
				go k.call(d, func(log *[]int) { *log = append(*log, i) })
				synctest.Wait() // the call has returned or is queued
			}
			if d.TryDo(func(log *[]int) { *log = append(*log, -1) }) {
				t.Fatalf("TRY-1: a TryDo was accepted behind a held object and %s", name)
			}
			close(gate)
			synctest.Wait() // or the Sync could be let in before
			got := d.Sync(func(log *[]int) []int { return slices.Clone(*log) })
			inOrder := slices.IsSortedFunc(got, func(i, j int) int { return part[i] - part[j] })
			if all := slices.Sorted(slices.Values(got)); !slices.Equal(all, []int{0, 1, 2, 3}) || !inOrder {
				t.Fatalf("ORD-3: %s ran in the order %v; want that of the calls", name, got)
			}
		}
	})
}

// The Do is made when the jobs before it are queued and, most times, not started.
func TestORD3_DoDoesNotOvertakeJobsThatNobodyHasStarted(t *testing.T) {
	for _, procs := range []int{1, 2} {
		setProcs(t, procs)
		for before := range 100 {
			d := desync.New([]int(nil))
			for i := range before {
				d.Async(func(log *[]int) { *log = append(*log, i) })
			}
			wantCounting(t, "ORD-3", d.Sync(func(log *[]int) []int { return *log }), before)
		}
	}
}

// Queue blocks hold 31 entries; these sizes end before, at and after several ends
// of blocks.
func TestORD4_GrowthAndWrapAround(t *testing.T) {
	for _, size := range []int{1, 2, 30, 31, 32, 61, 62, 63, 92, 93, 94, 311, 1000} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := desync.New([]int(nil))
				n := 0
				record := func() func(*[]int) {
					i := n
					n++
					return func(log *[]int) { *log = append(*log, i) }
				}
				// A burst of size behind a gate, and, while it is worked off
				// and stands at another gate, another burst.
				for _, more := range []int{0, 1, 30, 31, 32, size} {
					first, second := make(chan struct{}), make(chan struct{})
					d.Async(func(*[]int) { <-first })
					for range size {
						d.Async(record())
					}
					d.Async(func(*[]int) { <-second })
					for range more {
						d.Async(record())
					}
					close(first)
					synctest.Wait()
					for range more {
						d.Async(record())
					}
					close(second)
					synctest.Wait()
				}
				wantCounting(t, "ORD-4", d.Sync(func(log *[]int) []int { return *log }), n)
			})
		})
	}
}

// A job that queues others keeps the queue at one length for long, which moves
// it through its blocks at every offset.
func TestORD4_WrapAroundWithJobsThatQueueJobs(t *testing.T) {
	for length := 1; length <= 70; length++ {
		d := desync.New([]int(nil))
		const n = 500
		var job func(i int) func(*[]int)
		done := make(chan struct{})
		job = func(i int) func(*[]int) {
			return func(log *[]int) {
				*log = append(*log, i)
				if i+length < n {
					d.Async(job(i + length))
				}
				if i == n-1 {
					close(done)
				}
			}
		}
		d.Do(func(*[]int) {
			for i := range length {
				d.Async(job(i))
			}
		})
		receive(t, done, "the last job")
		wantCounting(t, "ORD-4", d.Sync(func(log *[]int) []int { return *log }), n)
	}
}

// Every kind of call wakes the object from idle with every other kind behind it,
// and then it becomes idle, or is called at once, while it becomes idle.
func TestORD4_EveryPassageThroughIdle(t *testing.T) {
	for _, rest := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			d := desync.New([]int(nil))
			n := 0
			call := func(k kind[[]int]) {
				i := n
				n++
				k.call(d, func(log *[]int) { *log = append(*log, i) })
			}
			for range scaled(500) {
				for _, first := range kinds[[]int]() {
					for _, second := range kinds[[]int]() {
						call(first)
						call(second)
						if rest {
							synctest.Wait()
						}
					}
				}
			}
			wantCounting(t, "ORD-4", d.Sync(func(log *[]int) []int { return *log }), n)
		})
	}
}

// The last job ends while another goroutine hands over one, and then nothing
// follows that could wake the object by chance.
func TestORD4_EXE2_TheLastJobEndsWhileAnotherComes(t *testing.T) {
	// Where waits are watched a round is thirty times as slow.
	total := 1_000_000
	if watched || testing.Short() {
		total = 8_000
	}
	lasts, comings := kinds[int]()[:4], kinds[int]()
	rounds := (total + len(lasts)*len(comings) - 1) / (len(lasts) * len(comings))
	for _, last := range lasts {
		for _, coming := range comings {
			t.Run(last.name+", "+coming.name, func(t *testing.T) {
				d := desync.New(0)
				var ending, ran, stop atomic.Int64
				var wg sync.WaitGroup
				wg.Go(func() {
					for round := int64(1); ; round++ {
						for ending.Load() != round {
							if stop.Load() != 0 {
								return
							}
							runtime.Gosched()
						}
						for range round % 16 { // meet the end at different places
							stop.Load()
						}
						coming.call(d, func(n *int) { *n++; ran.Store(round) })
					}
				})
				for round := range int64(rounds) {
					round++
					last.call(d, func(*int) { ending.Store(round) })
					eventually(t, func() bool { return ran.Load() == round },
						fmt.Sprintf("EXE-2: the job of the %s in round %d", coming.name, round))
				}
				stop.Store(1)
				wg.Wait()
				if got := d.Sync(func(n *int) int { return *n }); got != rounds {
					t.Errorf("EXE-1: %d jobs ran in %d rounds; want one each", got, rounds)
				}
			})
		}
	}
}
