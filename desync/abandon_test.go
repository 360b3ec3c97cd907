package desync_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"weak"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

// fewPlaces is more than the given-up calls of a stuck object may have in its queue.
const fewPlaces = 40

// A waste is a way of taking a place behind what holds the object, or the key "a" of the
// map, and giving it up.
type waste struct {
	name   string
	giveUp func(t *testing.T, d *desync.Desync[int], m *desync.Map[string, int], job func(context.Context, *int) error)
}

func wastes() (all []waste) {
	learned := func(t *testing.T, what string, err error) {
		t.Helper()
		if !errors.Is(err, desync.ErrNotRun) {
			t.Fatalf("CAN-1: %s got %v; want ErrNotRun", what, err)
		}
	}
	for _, c := range contextCalls[int]() {
		all = append(all, waste{c.name, func(t *testing.T, d *desync.Desync[int], _ *desync.Map[string, int], job func(context.Context, *int) error) {
			learned(t, c.name, c.giveUp(d, job))
		}})
	}
	return append(all,
		waste{"Suspend", func(_ *testing.T, d *desync.Desync[int], _ *desync.Map[string, int], _ func(context.Context, *int) error) {
			d.Suspend()()
		}},
		waste{"Key.DoContext", func(t *testing.T, _ *desync.Desync[int], m *desync.Map[string, int], job func(context.Context, *int) error) {
			ctx, cancel := context.WithCancel(context.Background())
			learned(t, "Key.DoContext", m.At("a").DoContext(endsWhenWatched{ctx, cancel}, job))
		}},
		waste{"Key.FutureContext", func(t *testing.T, _ *desync.Desync[int], m *desync.Map[string, int], job func(context.Context, *int) error) {
			ctx, cancel := context.WithCancel(context.Background())
			f := m.At("a").FutureContext(ctx, func(ctx context.Context, v *int) (int, error) { return 0, job(ctx, v) })
			cancel()
			_, err := f.Await(context.Background())
			learned(t, "Key.FutureContext", err)
		}},
		waste{"Map.Wait", func(t *testing.T, _ *desync.Desync[int], m *desync.Map[string, int], _ func(context.Context, *int) error) {
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			if err := m.Wait(ctx); !errors.Is(err, context.Canceled) {
				t.Fatalf("Map.Wait got %v; want what ended its context", err)
			}
		}},
	)
}

func TestCAN4_GivenUpCallsTakeNoRoomOnAStuckObject(t *testing.T) {
	const most = 256 << 10
	calls := scaled(100_000)
	for _, w := range wastes() {
		t.Run(w.name, func(t *testing.T) {
			var d desync.Desync[int]
			m := zeros[string]()
			goroutines, before := runtime.NumGoroutine(), heap()
			gate, held := make(chan struct{}), make(chan struct{})
			d.Async(func(*int) { <-gate })
			m.At("a").Async(func(*int) { close(held); <-gate })
			receive(t, held, "the key's job")
			defer func() { // also if the test fails
				close(gate)
				d.Do(func(*int) {})
				m.At("a").Do(func(*int) {})
				wantNoMoreGoroutines(t, goroutines)
			}()
			for range calls {
				w.giveUp(t, &d, m, mustNotRun[int](t, w.name))
				if n := d.Pending(); n > fewPlaces {
					t.Fatalf("CAN-4: %d places are taken on an object for which nobody waits", n)
				}
			}
			wantNoMoreGoroutines(t, goroutines+2)
			if kept := heap() - before; kept > most {
				t.Errorf("CAN-4: %d bytes are kept of %d calls that were given up; want at most %d", kept, calls, most)
			}
			runtime.KeepAlive(&d)
		})
	}
}

// A call that was given up lets go of everything that it refers to at once, wherever its
// place is. Here there are so few places that all stay, on both sides of the queue.
func TestCAN4_ClosuresAndContextsAreLetGoOfAtOnce(t *testing.T) {
	type key struct{}
	for _, out := range []bool{false, true} {
		for _, c := range contextCalls[int]() {
			t.Run(fmt.Sprint(c.name, ", on the out side before it is given up: ", out), func(t *testing.T) {
				var d desync.Desync[int]
				gate, second, reached := make(chan struct{}), make(chan struct{}), make(chan struct{})
				d.Async(func(*int) { <-gate })
				d.Async(func(*int) { close(reached); <-second })
				var ps []weak.Pointer[[64]byte]
				var fs []*futures.Future[int] // kept
				var cancels []context.CancelFunc
				told := make(chan error)
				for range 6 {
					used := new([64]byte)
					ps = append(ps, weak.Make(used))
					parent, cancel := context.WithCancel(context.Background())
					ctx := context.WithValue(parent, key{}, used)
					cancels = append(cancels, cancel)
					job := func(context.Context, *int) error { used[0]++; return nil }
					if c.future {
						fs = append(fs, d.FutureContext(ctx, func(ctx context.Context, n *int) (int, error) { return 0, job(ctx, n) }))
					} else {
						go func() { told <- c.call(&d, ctx, job) }()
					}
				}
				eventually(t, func() bool { return d.Pending() == 8 }, "all queued")
				if out {
					close(gate)
					receive(t, reached, "the second job")
				}
				for _, cancel := range cancels {
					cancel()
				}
				for _, f := range fs {
					f.Await(context.Background())
				}
				for range len(cancels) - len(fs) {
					receive(t, told, "the call")
				}
				wantCollected(t, "CAN-4: what calls referred to that were given up", ps...)
				runtime.KeepAlive(fs)
				if !out {
					close(gate)
				}
				close(second)
				d.Do(func(*int) {})
			})
		}
	}
}

// Some calls are given up, others are not, while the object goes on now and then. The
// queue is as long as several blocks.
func TestCAN3_AmongThoseThatAreGivenUpTheOthersKeepTheirOrder(t *testing.T) {
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)
	var d desync.Desync[[]int]
	var want []int
	steps := make(chan struct{})
	next := 0
	step := func() { <-steps } // in a job: the next goes on when the test says so
	type queued struct {
		cancel context.CancelFunc
		future *futures.Future[int]
	}
	for round := range 40 {
		reached := make(chan struct{})
		d.Async(func(*[]int) { close(reached); step() })
		if round == 0 {
			receive(t, reached, "the first job")
		}
		var doomed []queued
		for range random.IntN(2 * scaled(10_000) / 10) {
			n := next
			next++
			switch random.IntN(3) {
			case 0:
				d.Async(func(s *[]int) { *s = append(*s, n) })
				want = append(want, n)
			case 1:
				d.FutureContext(t.Context(), func(_ context.Context, s *[]int) (int, error) {
					*s = append(*s, n)
					return 0, nil
				})
				want = append(want, n)
			case 2:
				ctx, cancel := context.WithCancel(t.Context())
				doomed = append(doomed, queued{cancel, d.FutureContext(ctx, func(context.Context, *[]int) (int, error) {
					t.Errorf("CAN-1: job %d ran, which was given up", n)
					return 0, nil
				})})
			}
		}
		random.Shuffle(len(doomed), func(i, j int) { doomed[i], doomed[j] = doomed[j], doomed[i] })
		for _, q := range doomed {
			q.cancel()
			q.future.Await(context.Background())
		}
		if round > 0 && round%10 == 0 {
			// All before this round's first job is worked off.
			for range 10 {
				steps <- struct{}{}
			}
			receive(t, reached, "the job of this round")
		}
	}
	close(steps)
	got := d.Sync(func(s *[]int) []int { return *s })
	if !slices.Equal(got, want) {
		t.Errorf("CAN-3: of %d jobs that were not given up %d ran, or in another order", len(want), len(got))
	}
}

// With many that wait, those that give up beside them have no more places than these.
func TestCAN4_PlacesNextToThoseThatWait(t *testing.T) {
	var d desync.Desync[int]
	gate := make(chan struct{})
	d.Async(func(*int) { <-gate })
	waiting := 1 + scaled(10_000)
	for i := range waiting - 1 {
		d.Async(func(n *int) { *n += i })
	}
	for range 5 * waiting {
		if err := contextCalls[int]()[0].giveUp(&d, mustNotRun[int](t, "DoContext")); !errors.Is(err, desync.ErrNotRun) {
			t.Fatal(err)
		}
		if n := d.Pending(); n > 2*waiting+fewPlaces {
			t.Fatalf("CAN-4: %d places are taken while %d calls wait", n, waiting)
		}
	}
	close(gate)
	d.Do(func(*int) {})
}

// The work to do when the future has settled needs no goroutine. On one processor,
// goroutines that were started for it would still be there in the last job.
func TestLEAK1_TheEndOfAFutureContextStartsNoGoroutine(t *testing.T) {
	const jobs = 50 // fewer than after which a drainer yields
	observed := desync.New(0, desync.WithObserver(desync.NopObserver{}))
	var d desync.Desync[int]
	m := zeros[string]()
	job := func(context.Context, *int) (int, error) { return 0, nil }
	for name, c := range map[string]struct {
		future func(ctx context.Context)
		async  func(job func(*int))
	}{
		"FutureContext": {func(ctx context.Context) { d.FutureContext(ctx, job) }, d.Async},
		"observed":      {func(ctx context.Context) { observed.FutureContext(ctx, job) }, observed.Async},
		"of a Map": {
			func(ctx context.Context) { m.At("a").FutureContext(ctx, job) },
			func(job func(*int)) { m.At("a").Async(job) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			setProcs(t, 1)
			gate, counted := make(chan struct{}), make(chan int)
			c.async(func(*int) { <-gate })
			for range jobs {
				c.future(t.Context())
			}
			c.async(func(*int) { n := runtime.NumGoroutine(); c.async(func(*int) { counted <- n }) })
			before := runtime.NumGoroutine()
			close(gate)
			if n := receive(t, counted, "the last job"); n > before+jobs/2 {
				t.Errorf("there were %d goroutines when %d jobs had ended, %d before; want none for a job", n, jobs, before)
			}
		})
	}
}
